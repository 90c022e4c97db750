"""The figures of the newest answers, in lines for people."""

from __future__ import annotations

from asyncsynth.cli.figures import figures
from asyncsynth.quality.newest import Seen, newest_of


def test_every_figure_has_its_line_and_says_whom_it_favours() -> None:
    answers = [Seen(f"Once upon a time there was house {number}.", "length") for number in range(4)]
    combinations = [{"genre": "horror"}, {"genre": "mystery"}, {"genre": "mystery"}]
    head, *lines = figures(newest_of(answers, combinations, {"genre": 3}))
    assert "short ones repeat less by nature" in head
    told = {line[2:34].strip(): line[35:] for line in lines}
    assert told["begin with the same three words"] == '100.0% ("once upon a")'
    assert told["words"] == "8 to 8, median 8"
    assert told["cut off at max_tokens"] == "100.0%"
    assert told["begin by refusing"] == "0.0%"
    assert told["axis genre"] == "2 of 3 values, 1 to 2 samples each"
