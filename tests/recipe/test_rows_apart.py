"""Promises of recipe.rows_apart: what is proven of rows that are not held is true; what people write can be proven."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncsynth.config.sources import Axes
from asyncsynth.recipe.alike import all_differ
from asyncsynth.recipe.rendering import Template
from asyncsynth.recipe.sandbox import TemplateSandbox
from asyncsynth.recipe.space import Space
from asyncsynth.values import Value
from tests.recipe.sources.unheld import Unheld

SANDBOX = TemplateSandbox()


def proven(source: str, rows: Sequence[Value], others: Sequence[str] = ("a", "b")) -> bool:
    axes: Axes = {"x": Unheld(rows), "y": tuple(others)}
    values = {"x": Unheld(rows), "y": tuple(others)}
    return all_differ([Template(SANDBOX, "prompt.request", source, values).parts], Space(axes).axes, values)


def true(source: str, rows: Sequence[Value], others: Sequence[str] = ("a", "b")) -> bool:
    template = Template(SANDBOX, "prompt.request", source, {"x": tuple(rows), "y": tuple(others)})
    made = [template.render({"x": x, "y": y, "uuid": ""}) for x, y in product(rows, others)]
    return len(set(made)) == len(made)


words = st.text("ab ", max_size=3)
sources = st.lists(
    st.sampled_from(["{{ x }}", "{{ x.p }}", "{{ x.q }}", "{{ y }}", "{{ x.p | upper }}", "{{ uuid }}"]) | words,
    max_size=6,
).map("".join)
tables = st.lists(st.fixed_dictionaries({"p": words, "q": words}), min_size=1, max_size=5)


@given(source=sources, rows=tables, others=st.lists(words, min_size=1, max_size=3, unique=True))
def test_what_is_proven_is_true(source: str, rows: list[Value], others: list[str]) -> None:
    if proven(source, rows, others):
        assert true(source, rows, others)


NAMES = [{"p": f"product {number}", "q": "a fine thing"} for number in range(1, 60)]


@pytest.mark.parametrize(
    ("source", "rows", "differ"),
    [
        ("{{ uuid }} A review of {{ x.p }} for {{ y }}: {{ x.q }}", NAMES, True),
        ("For {{ y }}: {{ x.p }}", NAMES, True),
        ("{{ x.q }}, {{ x.p }}, {{ y }}", NAMES, True),
        ("{{ x.p | upper }}. {{ y }}", NAMES, True),
        ("{{ y }} {{ x }}", NAMES, True),
        ("{{ x.q }} {{ y }}", NAMES, False),
        ("{{ x.p }}", NAMES, False),  # y is in none
        ("{{ y }} {{ x.p }}", [*NAMES, NAMES[7]], False),
        ("{{ x.p }}{{ y }}", NAMES, False),  # side by side
        # "Al in a" may be Al in a, or Al of no in
        ("{{ x.p }} in {{ y }}", [{"p": "Al"}, {"p": "Al in a"}], False),
        ("{{ x.p }} in {{ y }}", [{"p": "Al"}, {"p": "Bo in a"}], True),
        ("{{ x.p }} in {{ y }}", [{"p": "Al"}, {"p": "Al i"}], False),
        ("{% if y == 'a' %}{{ x.p }}{% endif %}", NAMES, False),
    ],
)
def test_templates_as_people_write_them(source: str, rows: list[Value], differ: bool) -> None:
    assert proven(source, rows) is differ
    assert not differ or true(source, rows)


def test_a_proof_that_takes_long_is_given_up() -> None:
    axes = Space({"x": Unheld(NAMES)}).axes
    parts = Template(SANDBOX, "prompt.request", "{{ x.p }}", {"x": Unheld(NAMES)}).parts
    seconds = iter(range(0, 100_000, 1000))

    assert all_differ([parts], axes, {})
    assert not all_differ([parts], axes, {}, lambda: float(next(seconds)))
