from __future__ import annotations

from asyncsynth.store.totals import Totals


def test_a_fault_and_a_gate_of_the_same_name_are_counted_together() -> None:
    """A model can refuse in a field of the API or in words: the run's end once told of one of the two."""
    totals = Totals(failures={"refusal": 3, "null_content": 5})
    assert totals.given_up({"refusal": 5, "words": 2}) == {"refusal": 8, "null_content": 5, "words": 2}
