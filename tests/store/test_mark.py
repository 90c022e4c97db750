from __future__ import annotations

from zlib import crc32

import pytest

from asyncsynth.store.funnel import StepFigures
from asyncsynth.store.manifest import parse
from asyncsynth.store.mark import Extent, Mark, mark_of
from asyncsynth.store.sealed import seal

MARK = Mark("r", "o", 5, Extent(1, 2, 3), Extent(4, 5, 6), 7, 8, (9, -1), {"story": StepFigures(3, {"words": 1}, 1)})


@pytest.mark.parametrize("mark", [Mark(), MARK])
def test_a_mark_survives_its_line(mark: Mark) -> None:
    assert mark_of(parse(seal(mark.line())[:-1]) or {}) == mark


def test_an_extent_is_the_checksum_of_all_its_lines() -> None:
    assert Extent().grown(1, b"one\n").grown(2, b"two\nb\n") == Extent(3, 10, crc32(b"one\ntwo\nb\n"))


@pytest.mark.parametrize(
    "wrong", [{"records": 5}, {"failures": [1, 2, 3, 4]}, {"typed": None}, {"funnel": {"story": 5}}]
)
def test_a_line_that_tells_something_else_is_none(wrong: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        mark_of({**MARK.line(), **wrong})
