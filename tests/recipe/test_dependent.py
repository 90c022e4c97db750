"""Promises of recipe.dependent: every combination of axes that depend on each other once, each value with its share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncsynth.config.sources import Axes, Dependent
from asyncsynth.errors import UsageError
from asyncsynth.recipe import dependent
from asyncsynth.recipe.axes import groups_of
from asyncsynth.recipe.canonical import canonical
from asyncsynth.recipe.dependent import Group, Row, woven
from asyncsynth.values import Value

# A genre, its subgenres, what each of these leads to, and the places of a genre.
AXES: Axes = {
    "genre": ("horror", "mystery", 1990, "western"),
    "subgenre": Dependent("genre", {"horror": ("slasher", "ghost"), "mystery": ("noir",), "1990": ("noir", "retro")}),
    "weapon": Dependent("subgenre", {"slasher": ("knife", "axe", "saw"), "noir": ("gun",), "retro": ("disco",)}),
    "place": Dependent(
        "genre", {"horror": ("wood", "house"), "mystery": ("train", {"name": "Nile"}), "1990": ("club",)}
    ),
}
# By hand: ghosts have no weapon, and there is no western.
ROWS = [
    *[("horror", "slasher", weapon, place) for weapon in ("knife", "axe", "saw") for place in ("wood", "house")],
    ("mystery", "noir", "gun", "train"),
    ("mystery", "noir", "gun", {"name": "Nile"}),
    (1990, "noir", "gun", "club"),
    (1990, "retro", "disco", "club"),
]


def group(axes: Axes = AXES) -> Group:
    (one,) = groups_of(axes)
    return one


def test_rows_are_the_tree_once_and_their_count_is_known_before() -> None:
    one = group()

    assert one.names == ("genre", "subgenre", "weapon", "place")
    assert sorted(map(canonical, one.rows("seed"))) == sorted(map(canonical, ROWS))
    assert one.count() == len(ROWS)


def test_the_order_is_drawn_from_the_seed_and_neither_from_names_nor_from_the_order_of_lists() -> None:
    lists = {"a": ("1", "2", "3", "4", "5"), "b": ("6", "7", "8")}
    backwards = {name: tuple(reversed(values)) for name, values in reversed(lists.items())}
    orders = {tuple(group({"x": ("a", "b"), "y": Dependent("x", lists)}).rows(str(seed))) for seed in range(20)}

    assert len(orders) > 15
    assert group({"x": ("a", "b"), "y": Dependent("x", lists)}).rows("s") == group(
        {"other": ("b", "a"), "names": Dependent("other", backwards)}
    ).rows("s")


@given(st.lists(st.integers(0, 40), min_size=1, max_size=12))
def test_every_prefix_holds_the_shares_of_all_blocks_within_one(sizes: list[int]) -> None:
    blocks: list[list[Row]] = [[(number, row) for row in range(size)] for number, size in enumerate(sizes)]
    rows, total = woven(blocks), sum(sizes)

    assert [[row for row in rows if row[0] == number] for number in range(len(sizes))] == blocks
    counts: Counter[Value] = Counter()
    for time, (number, _) in enumerate(rows, 1):
        counts[number] += 1
        assert all(abs(counts[one] * total - time * size) < total for one, size in enumerate(sizes))


def gaps(rows: Sequence[Row], column: int, value: Any) -> list[int]:
    places = [place for place, row in enumerate(rows) if row[column] == value]
    return [after - before for before, after in pairwise(places)]


def test_a_rare_value_comes_as_evenly_as_a_frequent_one() -> None:
    names = tuple(f"n{number}" for number in range(60))
    rows = group({"g": ("many", "few"), "n": Dependent("g", {"many": names, "few": names[:6]})}).rows("seed")

    assert set(gaps(rows, 0, "few")) <= {10, 11, 12}


def test_what_depends_on_the_same_axis_is_even_too() -> None:
    """Two lists of 10 under one value: every 10 in a row have each value of both, but for where walks meet."""
    values = tuple(f"v{number}" for number in range(10))
    rows = group({"g": ("one",), "a": Dependent("g", {"one": values}), "b": Dependent("g", {"one": values})}).rows("s")

    assert len(rows) == 100
    for begin in range(0, 100, 10):
        stretch = rows[begin : begin + 10]
        assert [len({row[column] for row in stretch}) for column in (1, 2)] == [10, 10]


def test_too_many_and_none_are_told_with_the_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dependent, "MAX_ROWS", 9)
    with pytest.raises(UsageError, match="genre, subgenre, weapon, place have 10 combinations; at most 9"):
        group().rows("")
    nothing = group({"g": ("a", "b"), "x": Dependent("g", {"a": ("1",)}), "y": Dependent("g", {"b": ("2",)})})
    with pytest.raises(UsageError, match="g, x, y have no values that go together"):
        nothing.rows("")


def test_a_count_beyond_all_memory_is_exact() -> None:
    thousand = tuple(range(1000))
    axes: dict[str, Any] = {"g": ("a", "b")}
    axes |= {f"x{number}": Dependent("g", {"a": thousand, "b": thousand[:10]}) for number in range(8)}

    assert group(axes).count() == 10**24 + 10**8
