"""Promises of recipe.filling: each piece is rendered once for each value, and nothing foreign is remembered."""

from __future__ import annotations

import gc
from collections import Counter

import pytest

from asyncsynth.recipe import filling as module
from asyncsynth.recipe.filling import Unfit, filling
from asyncsynth.recipe.pieces import Given, Part, Piece
from asyncsynth.values import Value

VALUES: tuple[Value, ...] = ({"name": "India"}, {"name": "Norway"})


class Counted:
    """Renders a table's name, and counts how often."""

    def __init__(self) -> None:
        self.times: Counter[str] = Counter()

    def __call__(self, value: Value) -> str:
        assert isinstance(value, dict)
        self.times[value["name"]] += 1
        return str(value["name"])


def test_a_piece_is_rendered_once_for_each_value() -> None:
    render = Counted()
    parts: list[Part] = ["A ", Piece("place", render, plain=False), " 100% {x} ", Given("uuid"), "!"]
    fill = filling(parts, {"place": VALUES})

    assert fill is not None
    for number in range(10):
        for value in VALUES:
            assert isinstance(value, dict)
            assert fill({"place": value, "uuid": f"{number}%s"}) == f"A {value['name']} 100% {{x}} {number}%s!"
    assert render.times == {"India": 1, "Norway": 1}


def test_a_value_that_is_not_of_the_axis_is_never_remembered() -> None:
    """By its address another value could be taken for it later."""
    fill = filling([Piece("place", Counted(), plain=False)], {"place": VALUES})

    assert fill is not None
    for number in range(1000):
        with pytest.raises(Unfit):
            fill({"place": {"name": f"other {number}"}})
    gc.collect()
    assert fill({"place": VALUES[0]}) == "India"


def test_long_texts_are_not_filled_in() -> None:
    long: tuple[Value, ...] = ({"name": "x" * 200_000}, {"name": "y"})
    render = Counted()
    fill = filling([Piece("place", render, plain=False)], {"place": long})

    assert fill is not None
    for _ in range(3):
        with pytest.raises(Unfit):
            fill({"place": long[0]})
        assert fill({"place": long[1]}) == "y"
    assert list(render.times.values()) == [1, 1]


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_CACHED_CHARACTERS", 5)
    render = Counted()
    fill = filling([Piece("place", render, plain=False)], {"place": VALUES})

    assert fill is not None
    assert [fill({"place": value}) for value in VALUES * 3] == ["India", "Norway"] * 3
    assert render.times == {"India": 1, "Norway": 3}


@pytest.mark.parametrize(
    "parts",
    [
        [Piece("place", str, plain=False)] * 51,
        [Given("completion")] * 5,
    ],
    ids=["pieces", "given"],
)
def test_what_could_grow_too_large_is_not_filled_in(parts: list[Part]) -> None:
    assert filling(parts, {"place": VALUES}) is None


def test_texts_of_a_huge_axis_are_made_each_time_and_those_of_others_once() -> None:
    made: list[str] = []

    def render(value: Value) -> str:
        made.append(str(value))
        return f"<{value}>"

    values = tuple(map(str, range(100_001)))
    parts: list[Part] = [Piece("huge", render, plain=False), " ", Piece("mood", render, plain=False)]
    moods = ("dark", "light")
    fill = filling(parts, {"huge": values, "mood": moods})
    assert fill is not None
    assert [fill({"huge": values[7], "mood": moods[0]}) for _ in range(2)] == ["<7> <dark>"] * 2
    assert made == ["7", "dark", "7"]


def test_a_plain_name_of_a_huge_axis_is_filled_in_without_remembering() -> None:
    axes: dict[str, tuple[Value, ...]] = {"huge": tuple(map(str, range(100_001))), "place": VALUES}
    fill = filling([Piece("huge", str, plain=True), " ", Piece("place", Counted(), plain=False)], axes)

    assert fill is not None
    assert fill({"huge": "7", "place": VALUES[1]}) == "7 Norway"
