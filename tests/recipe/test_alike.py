"""Promises of recipe.alike: what is proven is true, and what people write can be proven."""

from __future__ import annotations

from itertools import count, product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from asyncsynth.config.sources import Axes, Dependent
from asyncsynth.recipe.alike import all_differ
from asyncsynth.recipe.axes import values_of
from asyncsynth.recipe.filling import MAX_CACHED_VALUES
from asyncsynth.recipe.rendering import Template
from asyncsynth.recipe.sandbox import TemplateSandbox
from asyncsynth.recipe.space import Space
from asyncsynth.values import Value

SANDBOX = TemplateSandbox()
ListAxes = dict[str, tuple[Value, ...]]


def proven(sources: list[str], axes: ListAxes) -> bool:
    return all_differ(
        [Template(SANDBOX, "prompt.request", source, axes).parts for source in sources], Space(axes).axes, axes
    )


def true(sources: list[str], axes: ListAxes) -> bool:
    """By going through the product."""
    templates = [Template(SANDBOX, "prompt.request", source, axes) for source in sources]
    combinations = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]
    return len({tuple(one.render({**c, "uuid": ""}) for one in templates) for c in combinations}) == len(combinations)


# Few letters, so that texts are often prefixes of each other and divided in several ways.
words = st.text("ab ", max_size=3)
values = st.lists(words, min_size=1, max_size=4, unique=True).map(tuple)
pieces = st.sampled_from(
    ["{{ x }}", "{{ y }}", "{{ z }}", "{{ x | upper }}", "{{ y | trim }}", "{{ z[:1] }}", "{{ uuid }}"]
)
sources = st.lists(pieces | words, max_size=7).map("".join)


@given(sources=st.lists(sources, min_size=1, max_size=2), x=values, y=values, z=values)
@example(["{{ x }}{{ y }}"], ("a", "ab"), ("ba", "a"), ("a",))
@example(["{{ x }} {{ y }}"], ("a", "a b"), ("b c", "c"), ("a",))
@example(["{{ x }}{{ uuid }}{{ y }}"], ("a", "ab"), ("ba", "a"), ("a",))
@example(["{{ x }}{{ z }}{{ y }}"], ("a", "ab"), ("ba", "a"), ("",))
def test_what_is_proven_is_true(sources: list[str], x: tuple[str, ...], y: tuple[str, ...], z: tuple[str, ...]) -> None:
    axes: ListAxes = {"x": x, "y": y, "z": z}
    if proven(sources, axes):
        assert true(sources, axes)


def test_the_proof_is_not_idle() -> None:
    """All of these tell their combinations apart; it is proven where nothing goes on as a longer text of x does."""
    texts = ("a", "ab", "b")
    axes: ListAxes = {"x": texts, "y": texts}
    cases = [
        f"{{{{ x }}}}{between}{{{{ y }}}}{after}" for between in ("", "a", "b", " ", "ca") for after in ("", "b", " a")
    ]
    right = [case for case in cases if true([case], axes)]

    assert len(right) == 15
    assert len([case for case in right if proven([case], axes)]) == 6


PLACES: ListAxes = {"place": ({"name": "India", "code": "IN"}, {"name": "Norway", "code": "NO"}), "n": (1, 2, 10)}


@pytest.mark.parametrize(
    ("sources", "axes", "differ"),
    [
        (["{{ uuid }}\n\nA {{ a }} film in {{ b }}."], {"a": ("x", "y"), "b": ("x", "y", "x y")}, True),
        (["{{ place.name }} {{ n }}"], PLACES, True),
        (["{{ place.name }}"], {"place": PLACES["place"]}, True),
        (["{{ place.name }}", "{{ n }}"], PLACES, True),
        (["{{ place }} {{ n * 2 }}"], PLACES, True),
        (["{{ a | lower }}"], {"a": ("Horror", "horror")}, False),
        (["{{ a }}"], {"a": (1990, "1990")}, False),
        (["{{ a }}"], {"a": (1, 1.0, True, "x")}, True),
        (["{{ place.name }}"], {"place": ({"name": "sf", "x": 1}, {"name": "sf", "x": 2})}, False),
        # One field alone does not tell them apart, both together do.
        (["{{ p.a }} {{ p.b }}"], {"p": ({"a": 1, "b": 1}, {"a": 1, "b": 2}, {"a": 2, "b": 1})}, True),
        (["{{ a }}"], {"a": ("x", "y"), "b": ("x", "y")}, False),
        (["{{ a }}"], {"a": ("x", "y"), "b": ("x",)}, True),
        (["{{ a }} {{ b }}"], {"a": ("x", "x y"), "b": ("y z", "z")}, False),
        (["{{ a }}, {{ b }}"], {"a": ("x", "x y"), "b": ("y z", "z")}, True),
        # Side by side, but what can follow begins otherwise.
        (["{{ a }}{{ b }}"], {"a": ("x", "xy"), "b": ("1", "2")}, True),
        # Control flow, and an expression over two axes.
        (["{% if a %}{{ a }}{% endif %}"], {"a": ("x", "y")}, False),
        (["{{ a ~ b }}"], {"a": ("x", "y"), "b": ("1", "2")}, False),
        # A part that can't be proven spoils nothing before it.
        (["{{ a }} {{ b }} {{ a ~ b }}"], {"a": ("x", "y"), "b": ("1", "2")}, False),
        (["{{ a }} {{ b }}", "{{ a ~ b }}"], {"a": ("x", "y"), "b": ("1", "2")}, True),
        (["{{ 10 // a }}"], {"a": (0, 5)}, False),
        (["x"], {"a": ("y",)}, True),
    ],
)
def test_recipes_as_people_write_them(sources: list[str], axes: ListAxes, differ: bool) -> None:
    assert proven(sources, axes) is differ


TREE: Axes = {
    "genre": ("horror", "crime"),
    "sub": Dependent("genre", {"horror": ("noir", "ghost"), "crime": ("noir", "heist")}),
    "weapon": Dependent("sub", {"noir": ("gun",), "ghost": ("fear",), "heist": ("gun", "drill")}),
}


@pytest.mark.parametrize(
    ("source", "differ"),
    [
        ("{{ genre }} {{ sub }} {{ weapon }}", True),
        ("{{ sub }} {{ weapon }}", False),  # noir, gun: twice
        ("{{ genre }} {{ sub }}", False),  # crime, heist: with two weapons
        ("{{ genre }} {{ weapon }}", False),  # crime, gun: by two subgenres
        ("{{ genre }} {{ sub | upper }} {{ weapon }}", True),
        ("{{ genre }}{{ sub }} {{ weapon }}", True),
    ],
)
def test_axes_that_depend_on_each_other_must_be_told_apart_together(source: str, differ: bool) -> None:
    template = Template(SANDBOX, "prompt.request", source, values_of(TREE))
    space = Space(TREE)
    asked = [template.render({**one, "uuid": ""}) for one, _ in space.walk()]

    assert (len(set(asked)) == len(asked)) is differ
    assert all_differ([template.parts], space.axes, values_of(TREE)) is differ


def test_a_large_axis_is_proven_quickly_and_a_huge_one_not_tried() -> None:
    axes: ListAxes = {"n": tuple(f"a{number}" for number in range(MAX_CACHED_VALUES))}

    assert proven(["{{ n }}"], axes)
    assert not proven(["{{ n }}"], {"n": (*axes["n"], "b")})


def test_texts_that_are_prefixes_of_each_other_take_linear_time() -> None:
    axes: ListAxes = {"n": tuple("a" * number for number in range(1, 3000)), "m": ("x", "y")}

    assert proven(["{{ n }} {{ m }}"], axes)
    assert not proven(["{{ n }}a {{ m }}"], axes)


def test_a_proof_that_takes_long_is_given_up() -> None:
    seconds = count()
    axes: ListAxes = {"n": tuple(range(100))}
    parts = Template(SANDBOX, "prompt.request", "{{ n * 2 }}", axes).parts

    assert all_differ([parts], Space(axes).axes, axes)
    assert not all_differ([parts], Space(axes).axes, axes, lambda: float(next(seconds)))
    assert next(seconds) < 20
