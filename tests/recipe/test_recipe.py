"""Promises of recipe.recipe: what decides a sample's key, its place in the order, its request and its record."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from orjson import dumps, loads

from asyncsynth.config import Combinations, Prompt, Record, read
from asyncsynth.config.sources import Axes, Dependent
from asyncsynth.recipe.check import check
from asyncsynth.recipe.differences import differences
from asyncsynth.recipe.recipe import Recipe
from asyncsynth.values import Sample, Value

AXES: dict[str, tuple[Value, ...]] = {"genre": ("horror", "crime"), "place": ("India", "Chile", "Mali")}
REQUEST = "{{ uuid }}\n\nA {{ genre }} film in {{ place }}."
RECORD = "Genre: {{ genre }}\nOutline: "


def recipe(
    axes: Axes | None = None,
    combinations: dict[str, Any] | None = None,
    prompt: dict[str, Any] | None = None,
    endpoint: dict[str, Any] | None = None,
    record: dict[str, Any] | None = None,
) -> Recipe:
    return Recipe.of(
        AXES if axes is None else axes,
        Combinations(**(combinations or {})),
        Prompt(**{"request": REQUEST, **(prompt or {})}),
        Record(**{"prompt": RECORD, **(record or {})}),
        **{"api": "chat", "model": "small", "parameters": {"temperature": 1.0}, **(endpoint or {})},
    )


def keys(made: Recipe) -> set[str]:
    return {sample.key for sample in made.samples()}


def shipped() -> Recipe:
    config = read(Path(__file__).parents[2] / "config.toml").config()
    assert check(config.sections_of_steps, config.record, config.axes) == []
    endpoint = config.endpoint
    return Recipe.of(
        config.axes,
        config.combinations,
        config.prompt,
        config.record,
        api=endpoint.api or "chat",
        model=endpoint.model,
        parameters=endpoint.parameters,
    )


def test_the_shipped_recipe_makes_256_different_samples() -> None:
    made = shipped()
    samples = list(made.samples())

    assert made.total == made.combinations == len(samples) == len(keys(made)) == 256
    assert len({tuple(sample.combination.values()) for sample in samples}) == 256
    assert all(made.fields(sample, "x")["prompt"].endswith("\n\nPlot outline: ") for sample in samples)
    assert len({made.request(sample).text for sample in samples}) == 256


def test_samples_are_lazy() -> None:
    made = recipe({f"axis{axis}": tuple(range(10)) for axis in range(30)}, prompt={"request": "{{ axis0 }}"})

    assert made.total == 10**30
    assert len(list(islice(made.samples(), 5))) == 5


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": {"model": "large"}},
        {"endpoint": {"api": "completions"}},
        {"endpoint": {"parameters": {"temperature": 0.7}}},
        {"endpoint": {"parameters": {"temperature": 1.0, "top_p": 1.0}}},
        {"prompt": {"request": REQUEST + " "}},
        {"prompt": {"system": "Be brief."}},
        {"axes": {"genre": ("western",), "place": ("Peru",)}},
    ],
    ids=str,
)
def test_what_is_part_of_identity_makes_all_keys_new(change: dict[str, Any]) -> None:
    made = recipe(**change)

    assert not keys(made) & keys(recipe())
    assert made.order != recipe().order
    assert differences(recipe().facts(), made.facts())


@pytest.mark.parametrize(
    "change",
    [
        {"record": {"prompt": "something else"}},
        {"prompt": {"request": REQUEST.replace("{{ uuid }}", "")}},
        {"combinations": {"seed": 7}},
        {"endpoint": {"parameters": {"temperature": 1}}},
        {"axes": {"place": ("Mali", "India", "Chile"), "genre": ("crime", "horror")}},
    ],
    ids=str,
)
def test_what_is_no_part_of_identity_changes_no_key(change: dict[str, Any]) -> None:
    assert keys(recipe(**change)) == keys(recipe())


LEAVES_ALL = [
    {"combinations": {"limit": 2}},
    {"combinations": {"order": "prefix"}},
    {"endpoint": {"parameters": {"temperature": 1}}},
    {"axes": {"genre": ("crime", "horror"), "place": ("Mali", "India", "Chile")}},
]
LEAVES_ORDER = [
    {"record": {"prompt": "something else"}},
    {"record": {"completion": "{{ completion }}."}},
    {"record": {"other": "{{ genre }}"}},
    {
        "axes": {"kind": AXES["genre"], "country": AXES["place"]},
        "prompt": {"request": "{{ uuid }}\n\nA {{ kind }} film in {{ country }}."},
        "record": {"prompt": "Genre: {{ kind }}\nOutline: "},
    },
]
CHANGES_ORDER = [
    {"combinations": {"seed": 7}},
    {"combinations": {"repeats": 2}},
    {"combinations": {"exclude": [{"genre": "crime"}]}},
    {"axes": {"place": AXES["place"], "genre": AXES["genre"]}},
    {"axes": {**AXES, "genre": ("horror", "crime", "western")}},
    # The names change places: each template then asks for the other axis.
    {"axes": {"place": AXES["genre"], "genre": AXES["place"]}},
    {"prompt": {"request": REQUEST + " "}},
    {"prompt": {"request": REQUEST.replace("{{ uuid }}", "")}},
    {"prompt": {"system": "Be brief."}},
    {"endpoint": {"api": "completions"}},
]


@pytest.mark.parametrize("change", LEAVES_ALL, ids=str)
def test_what_decides_nothing_leaves_order_and_fingerprint(change: dict[str, Any]) -> None:
    assert recipe(**change).order == recipe().order
    assert recipe(**change).fingerprint == recipe().fingerprint


@pytest.mark.parametrize("change", LEAVES_ORDER, ids=str)
def test_what_decides_only_records_changes_the_fingerprint_and_leaves_the_order(change: dict[str, Any]) -> None:
    made = recipe(**change)

    assert made.order == recipe().order
    assert [(one.key, [*one.combination.values()]) for one in made.samples()] == [
        (one.key, [*one.combination.values()]) for one in recipe().samples()
    ]
    assert made.fingerprint != recipe().fingerprint


@pytest.mark.parametrize("change", CHANGES_ORDER, ids=str)
def test_what_decides_samples_changes_order_and_fingerprint(change: dict[str, Any]) -> None:
    assert recipe(**change).order != recipe().order
    assert recipe(**change).fingerprint != recipe().fingerprint


def test_a_name_that_a_template_sets_itself_is_no_axis() -> None:
    """With the axes swapped, and the names too, the request asks for the other axis where it sets its own name."""
    setting = "{% set genre = place %}{{ genre }} {{ place }}"
    swapped = setting.replace("genre", "x").replace("place", "genre").replace("x", "place")
    made = recipe(prompt={"request": setting})
    other = recipe({"place": AXES["genre"], "genre": AXES["place"]}, prompt={"request": swapped})

    assert keys(made) == keys(other)
    assert made.order != other.order  # in doubt: it costs a walk


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"combinations": {"repeats": 2}}, "combinations.repeats: 1 -> 2"),
        ({"combinations": {"exclude": [{"genre": "crime"}]}}, 'combinations.exclude: + {"genre":"crime"}'),
        ({"axes": {**AXES, "genre": ("horror", "crime", "western")}}, 'axes.genre: + "western"'),
        ({"prompt": {"system": "Be brief."}}, 'prompt.system: null -> "Be brief."'),
        ({"endpoint": {"parameters": {"temperature": 0.7}}}, "endpoint.parameters.temperature: 1.0 -> 0.7"),
    ],
)
def test_a_change_of_extent_changes_the_fingerprint_and_shows(change: dict[str, Any], line: str) -> None:
    made = recipe(**change)
    stored = json.loads(json.dumps(recipe().facts()))

    assert made.fingerprint != recipe().fingerprint
    assert differences(stored, made.facts()) == [line]
    assert differences(stored, recipe().facts()) == []


def test_a_new_value_leaves_the_keys_that_are_there() -> None:
    more = recipe({**AXES, "place": (*AXES["place"], "Peru")})

    assert keys(recipe()) < keys(more)
    assert len(keys(more)) == 8


def test_repeats_have_keys_of_their_own() -> None:
    twice = recipe(combinations={"repeats": 2})

    assert (twice.total, twice.combinations, len(keys(twice))) == (12, 6, 12)
    assert keys(recipe()) < keys(twice)


def test_request_holds_the_rendered_texts_and_the_derived_uuid() -> None:
    made = recipe(prompt={"system": "On {{ genre }} {{ uuid }}"})
    sample = next(made.samples())
    request = made.request(sample, 0)
    uuid = request.text.split("\n")[0]

    assert len(uuid) == 36
    assert request.text == f"{uuid}\n\nA {sample.combination['genre']} film in {sample.combination['place']}."
    assert request.system == f"On {sample.combination['genre']} {uuid}"
    assert (request.sample, request.generation) == (sample, 0)
    assert made.request(sample) == recipe(prompt={"system": "On {{ genre }} {{ uuid }}"}).request(sample)


def test_a_generation_or_a_seed_changes_the_uuid_and_nothing_else() -> None:
    made, reseeded = recipe(), recipe(combinations={"seed": 7})
    sample = next(made.samples())
    texts = [made.request(sample, 0).text, made.request(sample, 1).text, reseeded.request(sample, 0).text]

    assert len({text.split("\n", 1)[0] for text in texts}) == 3
    assert len({text.split("\n", 1)[1] for text in texts}) == 1


def test_what_was_dropped_has_a_uuid_where_no_template_puts_one() -> None:
    made = recipe(prompt={"request": "A {{ genre }} film.", "system": "Be brief."})
    sample = next(made.samples())
    first, *again = (made.request(sample, generation) for generation in range(3))

    assert (first.text, first.system) == (f"A {sample.combination['genre']} film.", "Be brief.")
    assert len({each.text for each in again}) == 2
    assert all(each.text[36:] == f"\n\n{first.text}" and each.system == "Be brief." for each in again)


def test_every_sample_is_at_its_position_also_past_excluded_combinations() -> None:
    made = recipe(combinations={"exclude": [{"genre": "crime", "place": "India"}], "repeats": 2, "limit": 1})
    samples = list(made.samples())

    assert [made.at(position) for position in made.positions()] == samples
    assert len(samples) == made.total == 10
    assert made.limit == 1


def test_samples_from_the_middle_are_the_rest() -> None:
    made = recipe(combinations={"repeats": 2})

    assert list(made.samples(5)) == list(made.samples())[5:]


@pytest.mark.parametrize(
    "change",
    [
        {"combinations": {"exclude": [{"genre": "crime", "place": "India"}], "repeats": 3, "seed": 5}},
        {"prompt": {"system": "On {{ genre }}."}, "record": {"prompt": ["a", "b"], "other": "{{ genre }}"}},
        {"record": {"prompt": None, "messages": [{"role": "user", "content": "{{ completion }}"}]}},
        {"combinations": {"seed": 2**80, "exclude": [{"genre": 2**70}]}, "axes": {**AXES, "genre": (2**70, 1, 2.5)}},
        {"axes": {**AXES, "genre": ({"name": 2**70}, {"name": True})}},
        {"axes": {**AXES, "sub": Dependent("genre", {"crime": ("noir", 2**70), "horror": (1, {"a": "b"})})}},
    ],
    ids=str,
)
@pytest.mark.parametrize("through", [lambda facts: json.loads(json.dumps(facts)), lambda facts: loads(dumps(facts))])
def test_a_recipe_comes_back_from_its_facts(change: dict[str, Any], through: Any) -> None:
    made = recipe(**change)
    back = Recipe.of_facts(through(made.facts()))

    assert (back.order, back.fingerprint) == (made.order, made.fingerprint)
    assert list(back.samples()) == list(made.samples())
    assert differences(through(made.facts()), back.facts()) == []


def test_tables_that_render_alike_have_the_same_key() -> None:
    axes: dict[str, tuple[Value, ...]] = {"genre": ("horror",), "place": ({"n": "Mali", "x": 1}, {"n": "Mali", "x": 2})}
    made = recipe(axes, prompt={"request": "{{ genre }} {{ place.n }}"})

    assert (made.total, len(keys(made))) == (2, 1)


def test_a_sample_whose_request_can_not_be_rendered_has_a_problem_and_stops_no_other() -> None:
    axes: dict[str, tuple[Value, ...]] = {"a": (1, 2, 3), "b": (1, 2)}
    made = recipe(axes, {"repeats": 2}, prompt={"request": "{{ 6 // (a - b) }}"}, record={"prompt": "x"})
    samples = list(made.samples())
    problems = [sample for sample in samples if sample.problem is not None]

    assert len(samples) == made.total == 12
    assert len({sample.key for sample in problems}) == len(problems) == 4
    assert all(sample.combination["a"] == sample.combination["b"] for sample in problems)
    assert problems[0].problem is not None
    assert problems[0].problem.startswith("prompt.request: line 1: integer division or modulo by zero (with a = ")
    assert list(made.samples()) == samples
    assert [made.at(position) for position in made.positions()] == samples
    assert made.alike


def test_facts_are_json_and_changing_them_changes_no_recipe() -> None:
    made = recipe()
    facts = made.facts()
    assert json.loads(json.dumps(facts)) == facts
    facts["endpoint"]["model"] = "other"
    facts["combinations"]["repeats"] = 9

    assert made.fingerprint == recipe().fingerprint
    assert made.facts()["endpoint"]["model"] == "small"


def test_samples_are_values_of_their_combination_and_repeat() -> None:
    sample = next(recipe().samples())

    assert sample == Sample(sample.key, {"genre": sample.combination["genre"], "place": sample.combination["place"]}, 0)
    assert len(sample.key) == 32
    assert set(sample.key) <= set("0123456789abcdef")


def test_keys_and_order_are_the_same_in_every_version() -> None:
    """A change here means that everybody's records no longer belong, or come in another order under a limit."""
    made = recipe(combinations={"seed": 2022}, prompt={"system": "On {{ genre }}."})

    assert [sample.key for sample in islice(made.samples(), 3)] == [
        "65662fc2cd993d5c8ddbba462d4fe878",
        "94c8b9b463fe5f7238d083cfd4831448",
        "08f84b16d55e9eb7baf9a7d6e4c00e1a",
    ]
    assert made.order == "06b48c802887e43168baa6860e21e46f"


# Texts with whatever a form or JSON takes for its own.
awkward = st.text(st.sampled_from('%b%%\\"\n\x01\x7fé😀a{}'), max_size=6)
pieces = st.sampled_from(
    [
        "{{ genre }}",
        "{{ place }}",
        "{{ genre | upper }}",
        "{{ year }}",
        "{{ told }}",
        "{{ table.name }}",
        "{{ uuid }}",
        "%b%d%%",
        '"\\',
        "{{ genre ~ place }}",
        "{% if told %}x{% endif %}",
        "{{ table.missing.deeper }}",
        "{{ 1 // (year - 1) }}",
    ]
)


@given(
    texts=st.lists(awkward, min_size=1, max_size=4, unique=True),
    request=st.lists(pieces | awkward.filter(lambda text: "{" not in text), max_size=5),
    system=st.none() | st.lists(pieces, max_size=2),
    repeats=st.integers(1, 2),
    excluded=st.booleans(),
)
def test_each_sample_is_the_one_at_its_position_however_its_key_is_made(
    texts: list[str], request: list[str], system: list[str] | None, repeats: int, excluded: bool
) -> None:
    axes: dict[str, tuple[Value, ...]] = {
        "genre": tuple(texts),
        "place": ("", "%b"),
        "year": (1, 2, 3),
        "told": (True, False),
        "table": ({"name": "é"}, {"name": '"%"', "missing": "x"}),
    }
    combinations = {"repeats": repeats, "exclude": [{"place": "", "year": 2}] if excluded else []}
    prompt = {"request": "".join(request) or "x", "system": None if system is None else "".join(system)}
    made = recipe(axes, combinations, prompt)
    samples = list(made.samples())
    assert len(samples) == made.total
    assert samples == [made.at(position) for position in made.positions()]


def test_a_text_that_is_too_long_or_can_not_be_sent_is_a_problem_of_its_samples_alone() -> None:
    made = recipe({"genre": ("a", "x" * 3_000_000), "place": ("b", "y" * 3_000_000, "\ud83d")})
    problems = {
        (len(str(one.combination["genre"])), str(one.combination["place"])[:1]): one.problem for one in made.samples()
    }
    assert {which for which, problem in problems.items() if problem} == {
        (1, "\ud83d"),
        (3_000_000, "\ud83d"),
        (3_000_000, "y"),
    }
