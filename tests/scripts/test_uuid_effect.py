"""The experiment with the UUID: what is compared, how sure that is, and the table."""

from __future__ import annotations

import pytest
from uuid_experiment.answers import answers_by_request
from uuid_experiment.cells import CELLS, REQUESTS, recipe_of
from uuid_experiment.measures import FIGURES, differences, interval, measured
from uuid_experiment.table import report

UUID = "3f0c9a52-5d2b-4b1c-9d58-0c2f1a7e6b44"


def record(request: str, completion: str, repeat: int = 0) -> dict[str, object]:
    return {"prompt": request, "completion": completion, "repeat": repeat, "usage": {"completion_tokens": 64}}


def test_every_cell_asks_the_same_requests_and_only_the_place_of_the_uuid_differs() -> None:
    previews = [recipe_of(cell, 3).preview(1)[0].said[0].request for cell in CELLS]
    assert len(recipe_of(CELLS[0], 3).preview(1000)) == REQUESTS * 3
    bare = previews[0]
    assert [preview.startswith(bare) for preview in previews] == [True, False, True] * 2
    assert [preview.endswith(bare) for preview in previews] == [True, True, False] * 2


def test_a_uuid_that_the_model_repeats_counts_for_no_difference() -> None:
    records = [record("a", f"{UUID} Once upon a time", 0), record("a", "Once upon a time", 1), record("a", "x", 2)]
    (answers,) = answers_by_request(records, repeats=2)
    assert [(answer.text.strip(), answer.repeats_uuid) for answer in answers] == [
        ("Once upon a time", True),
        ("Once upon a time", False),
    ]
    assert measured([answers]).by_figure["same three first words"] == [100.0]


def test_an_interval_holds_the_mean_and_a_larger_difference_than_the_visible_one_excludes_zero() -> None:
    found = interval(differences([5.0, 6.0, 5.5, 6.5] * 5, [1.0] * 20))
    assert found.mean == pytest.approx(4.75)
    assert 0 < found.low < found.mean < found.high
    assert found.visible < found.low


def test_the_table_has_a_row_for_each_cell_and_says_what_nobody_did() -> None:
    different = answers_by_request([record(request, f"{request} {n} says", n) for request in "ab" for n in (0, 1)], 2)
    lines = report(dict.fromkeys(CELLS, measured(different)), requests=2, repeats=2).splitlines()
    assert sum(line.startswith(("| 0.7 |", "| 1.0 |")) for line in lines) == len(CELLS) + 4
    assert "0 (below 75.0)" in lines[4], "never seen in four answers"
    assert all(name in lines[2] for name in FIGURES)
