"""Promises of recipe.space: the exact product, once each, in an order that is even at every prefix."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import combinations, islice, product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncsynth.config.sources import Axes, Dependent
from asyncsynth.errors import UsageError
from asyncsynth.recipe import exclusion
from asyncsynth.recipe.canonical import canonical
from asyncsynth.recipe.space import Space
from asyncsynth.values import Value

seeds = st.integers(0, 10**6)
sizes_of_axes = st.lists(st.integers(1, 6), min_size=1, max_size=5)


def axes_of(sizes: Iterable[int]) -> dict[str, tuple[Value, ...]]:
    return {f"axis{axis}": tuple(f"{axis}.{value}" for value in range(size)) for axis, size in enumerate(sizes)}


def texts(walk: Iterable[tuple[Mapping[str, Value], int]]) -> list[str]:
    return [canonical([combination, repeat]) for combination, repeat in walk]


@given(sizes=sizes_of_axes, seed=seeds, repeats=st.integers(1, 3))
def test_walk_is_the_product_once_for_each_repeat(sizes: list[int], seed: int, repeats: int) -> None:
    axes = axes_of(sizes)
    walk = texts(Space(axes, seed=seed, repeats=repeats).walk())
    expected = [
        canonical([dict(zip(axes, values, strict=True)), repeat])
        for repeat in range(repeats)
        for values in product(*axes.values())
    ]

    assert sorted(walk) == sorted(expected)


@given(sizes=sizes_of_axes, seed=seeds, repeats=st.integers(1, 2))
def test_every_prefix_covers_every_axis_within_one_of_even(sizes: list[int], seed: int, repeats: int) -> None:
    axes = axes_of(sizes)
    counts = {name: dict.fromkeys(values, 0) for name, values in axes.items()}
    for combination, _ in Space(axes, seed=seed, repeats=repeats).walk():
        for name, value in combination.items():
            counts[name][value] += 1
        for name in axes:
            assert max(counts[name].values()) - min(counts[name].values()) <= 1


@given(sizes=sizes_of_axes, seed=seeds, repeats=st.integers(1, 3))
def test_what_walks_by_is_at_its_position(sizes: list[int], seed: int, repeats: int) -> None:
    space = Space(axes_of(sizes), seed=seed, repeats=repeats)

    assert list(space.positions()) == list(range(space.total))
    assert [space.at(position) for position in range(space.total)] == list(space.walk())


def test_what_walks_by_is_at_its_position_in_a_product_too_large_to_walk() -> None:
    space = Space(axes_of([12, 18, 30, 7, 100, 100, 64, 81]), seed=5, repeats=2)

    assert [space.at(position) for position in range(3000)] == list(islice(space.walk(), 3000))


def test_excluded_combinations_keep_their_position() -> None:
    axes = axes_of([3, 4])
    whole = texts(Space(axes, seed=1).walk())
    space = Space(axes, seed=1, exclude=[{"axis0": "0.1"}])

    assert [whole[position] for position in space.positions()] == texts(space.walk())
    assert len(set(space.positions())) == 8
    assert texts(map(space.at, range(12))) == whole


@pytest.mark.parametrize("position", [-1, 8])
def test_there_is_nothing_at_a_position_out_of_range(position: int) -> None:
    with pytest.raises(IndexError):
        Space(axes_of([2, 2]), repeats=2).at(position)


@given(data=st.data(), sizes=sizes_of_axes, seed=seeds)
def test_exclude_takes_out_its_boxes_and_the_count_is_exact(data: st.DataObject, sizes: list[int], seed: int) -> None:
    axes = axes_of(sizes)
    entry = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in axes.items()})
    exclude = data.draw(st.lists(entry, max_size=4))
    space = Space(axes, seed=seed, exclude=exclude, repeats=2)
    kept = [
        combination
        for combination, _ in Space(axes, seed=seed).walk()
        if not any(one.items() <= combination.items() for one in exclude)
    ]

    assert space.combinations == len(kept)
    assert space.total == 2 * len(kept)
    assert [combination for combination, repeat in space.walk() if repeat == 0] == kept


@given(data=st.data(), sizes=sizes_of_axes, seed=seeds, repeats=st.integers(1, 3))
def test_a_walk_from_the_middle_is_the_rest_of_the_walk(
    data: st.DataObject, sizes: list[int], seed: int, repeats: int
) -> None:
    axes = axes_of(sizes)
    entry = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in axes.items()})
    exclude = data.draw(st.lists(entry, max_size=2))
    whole = texts(Space(axes, exclude=exclude, repeats=repeats, seed=seed).walk())
    start = data.draw(st.integers(0, len(whole) + 1))
    space = Space(axes, exclude=exclude, repeats=repeats, seed=seed)
    assert texts(space.walk(start)) == whole[start:]


def test_a_walk_from_the_middle_of_a_product_too_large_to_walk_begins_at_once() -> None:
    axes = axes_of([9973, 9967, 9949, 9941])  # primes: one walk of 9.8e15 steps
    space, start = Space(axes, repeats=2), 9_000_000_000_000_000
    for begin in (start, space.combinations + start):
        assert [space.at(begin + step) for step in range(5)] == list(islice(space.walk(begin), 5))


def test_true_one_one_point_zero_and_text_are_four_values() -> None:
    values: tuple[Value, ...] = (True, 1, 1.0, "1", '"1"', "true")
    space = Space({"value": values}, exclude=[{"value": 1}])

    assert space.combinations == 5
    assert sorted(canonical(one["value"]) for one, _ in space.walk()) == sorted(
        canonical(value) for value in values if type(value) is not int
    )


def test_tables_are_values_and_can_be_excluded_whatever_the_order_of_their_fields() -> None:
    north: Value = {"name": "Norway", "capital": "Oslo"}
    south: Value = {"name": "Chile", "capital": "Santiago"}
    space = Space(
        {"place": (north, south), "mood": ("dark", "light")},
        exclude=[{"place": {"capital": "Oslo", "name": "Norway"}, "mood": "dark"}],
    )

    assert space.combinations == 3
    assert {"place": north, "mood": "dark"} not in [combination for combination, _ in space.walk()]


def test_names_come_in_the_order_of_the_axes() -> None:
    axes = dict.fromkeys(("zeta", "alpha", "mid"), ("x", "y"))

    assert {tuple(combination) for combination, _ in Space(axes).walk()} == {("zeta", "alpha", "mid")}


def test_nothing_is_left_where_everything_is_excluded() -> None:
    space = Space(axes_of([2, 3]), exclude=[{"axis0": "0.0"}, {"axis0": "0.1"}])

    assert space.combinations == space.total == len(list(space.walk())) == 0


@pytest.mark.parametrize("axes", [{}, {"empty": ()}, {"twice": ("a", "b", "a")}])
def test_axes_that_are_no_axes_are_refused(axes: dict[str, tuple[Value, ...]]) -> None:
    with pytest.raises(ValueError, match=r"axis"):
        Space(axes)


@pytest.mark.parametrize(("entry", "place"), [({"other": "x"}, ": no axis other"), ({"number": 1.0}, r"\[0\]\.number")])
def test_an_exclude_entry_that_fits_nothing_is_told(entry: dict[str, Value], place: str) -> None:
    with pytest.raises(UsageError, match=rf"combinations\.exclude{place}"):
        Space({"number": (1, 2)}, exclude=[entry])


def test_an_exclude_list_that_can_not_be_counted_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exclusion, "MAX_STEPS", 2)

    with pytest.raises(UsageError, match=r"combinations\.exclude: so many entries"):
        Space(axes_of([3, 3, 3]), exclude=[{"axis0": "0.0", "axis2": "2.1"}, {"axis1": "1.0", "axis2": "2.2"}])


def test_seeds_give_different_orders() -> None:
    axes = axes_of([4, 4, 4])
    orders = {tuple(texts(Space(axes, seed=seed).walk())) for seed in range(50)}

    assert len(orders) == 50


def test_order_of_the_values_in_the_config_is_no_part_of_the_order() -> None:
    axes = axes_of([3, 4])
    backwards = {name: tuple(reversed(values)) for name, values in axes.items()}

    assert texts(Space(axes, seed=3).walk()) == texts(Space(backwards, seed=3).walk())


def test_names_of_axes_are_no_part_of_the_order() -> None:
    axes = axes_of([3, 4, 4])
    renamed = {f"other{number}": values for number, values in enumerate(axes.values())}

    assert [[*one.values()] for one, _ in Space(axes, seed=3).walk()] == [
        [*one.values()] for one, _ in Space(renamed, seed=3).walk()
    ]


def test_repeats_come_in_orders_of_their_own() -> None:
    walk = list(Space(axes_of([5, 5]), repeats=2).walk())

    assert [repeat for _, repeat in walk] == [0] * 25 + [1] * 25
    assert [one for one, _ in walk[:25]] != [one for one, _ in walk[25:]]


GOLDEN_PROGRAM = """
from itertools import islice
from asyncsynth.recipe.space import Space

axes = {"genre": ("horror", "crime", "romance"), "year": (1890, 1990), "place": ("India", "Per\u00fa")}
for combination, repeat in islice(Space(axes, seed=2022, repeats=2).walk(), 14):
    print(ascii(" ".join(map(str, [*combination.values(), repeat]))))
"""
GOLDEN_ORDER = [
    "romance 1890 Per\u00fa 0",
    "crime 1990 India 0",
    "horror 1890 Per\u00fa 0",
    "romance 1990 India 0",
    "crime 1890 Per\u00fa 0",
    "horror 1990 India 0",
    "romance 1890 India 0",
    "crime 1990 Per\u00fa 0",
    "horror 1890 India 0",
    "romance 1990 Per\u00fa 0",
    "crime 1890 India 0",
    "horror 1990 Per\u00fa 0",
    "romance 1890 India 1",
    "crime 1990 Per\u00fa 1",
]


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_order_is_the_same_in_every_version_and_process(hash_seed: str) -> None:
    environment = {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", GOLDEN_PROGRAM], env=environment, capture_output=True, check=True, text=True
    )

    assert done.stdout.splitlines() == list(map(ascii, GOLDEN_ORDER))


def pairs_covered(size: int, axes: int, limit: int, seed: int) -> float:
    """The share of all pairs of values of two axes that the first samples hold."""
    walk = [list(one.values()) for one, _ in islice(Space(axes_of([size] * axes), seed=seed).walk(), limit)]
    covered = [len({(row[one], row[other]) for row in walk}) for one, other in combinations(range(axes), 2)]
    return sum(covered) / (size * size * len(covered))


@pytest.mark.parametrize("seed", range(5))
def test_axes_do_not_march_in_step(seed: int) -> None:
    """Random samples would cover 0.98, 0.63 and 0.95 of the pairs."""
    assert pairs_covered(4, 4, 64, seed) > 0.95
    assert pairs_covered(20, 4, 400, seed) > 0.6
    assert pairs_covered(20, 4, 1200, seed) > 0.9


def test_memory_does_not_grow_with_the_product() -> None:
    space = Space(axes_of([10] * 30), exclude=[{"axis0": "0.1", "axis29": "29.1"}])
    tracemalloc.start()
    try:
        last = Counter(repeat for _, repeat in islice(space.walk(), 2000))
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert last[0] == 2000
    assert space.combinations == 10**30 - 10**28
    assert held < 50_000
    assert peak < 100_000


trees = st.fixed_dictionaries(
    {
        "genre": st.just(("a", "b", "c")),
        "subgenre": st.fixed_dictionaries(
            {"a": st.integers(1, 4)}, optional={"b": st.integers(1, 4), "c": st.integers(1, 4)}
        ),
        "place": st.integers(1, 5),
        "first": st.booleans(),
    }
)


def axes_with_a_tree(tree: dict[str, Any]) -> Axes:
    """Genres with so many subgenres each, some of the same name, and places, before or after them."""
    lists = {genre: tuple(f"s{number}" for number in range(size)) for genre, size in tree["subgenre"].items()}
    places: Axes = {"place": tuple(f"p{number}" for number in range(tree["place"]))}
    genres: Axes = {"genre": tree["genre"], "subgenre": Dependent("genre", lists)}
    return {**places, **genres} if tree["first"] else {**genres, **places}


def product_with_a_tree(axes: Axes) -> list[dict[str, Value]]:
    subgenre, places = axes["subgenre"], axes["place"]
    assert isinstance(subgenre, Dependent)
    assert isinstance(places, tuple)
    return [
        {name: {"genre": genre, "subgenre": sub, "place": place}[name] for name in axes}
        for genre, subs in subgenre.values.items()
        for sub in subs
        for place in places
    ]


@given(tree=trees, seed=seeds, repeats=st.integers(1, 2))
def test_dependent_axes_walk_by_once_each_and_evenly(tree: dict[str, Any], seed: int, repeats: int) -> None:
    axes = axes_with_a_tree(tree)
    space, expected = Space(axes, seed=seed, repeats=repeats), product_with_a_tree(axes)
    walk = list(space.walk())

    assert sorted(texts(walk)) == sorted(canonical([one, repeat]) for one in expected for repeat in range(repeats))
    assert space.total == len(expected) * repeats
    assert [tuple(one) for one, _ in walk] == [tuple(axes)] * len(walk)
    assert [space.at(position) for position in space.positions()] == walk
    counts = {part: Counter(dict.fromkeys([part(one) for one in expected], 0)) for part in (of_pair, of_place)}
    for one, _ in walk:
        for part, of in counts.items():
            of[part(one)] += 1
            assert max(of.values()) - min(of.values()) <= 1


def of_pair(one: Mapping[str, Value]) -> Value:
    return f"{one['genre']}/{one['subgenre']}"


def of_place(one: Mapping[str, Value]) -> Value:
    return one["place"]


@given(tree=trees, seed=seeds, data=st.data())
def test_exclude_counts_dependent_axes_exactly(tree: dict[str, Any], seed: int, data: st.DataObject) -> None:
    axes = axes_with_a_tree(tree)
    product = product_with_a_tree(axes)
    values = {name: sorted({str(one[name]) for one in product}) for name in axes}
    entry = st.fixed_dictionaries({}, optional={name: st.sampled_from(of) for name, of in values.items()})
    exclude = data.draw(st.lists(entry, max_size=4))
    space = Space(axes, seed=seed, exclude=exclude)
    kept = [one for one in product if not any(one_of.items() <= one.items() for one_of in exclude)]

    assert space.combinations == len(kept)
    assert sorted(texts(space.walk())) == sorted(canonical([one, 0]) for one in kept)
    assert [space.at(position) for position in space.positions()] == list(space.walk())
