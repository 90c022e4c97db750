"""Promises of recipe.recipe: what decides a sample's key, its request and whether a record belongs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from asyncsynth.config import Combinations, Prompt, read
from asyncsynth.errors import UsageError
from asyncsynth.recipe import Recipe, check, differences
from asyncsynth.values import Sample, Value

AXES: dict[str, tuple[Value, ...]] = {"genre": ("horror", "crime"), "place": ("India", "Chile", "Mali")}
REQUEST = "{{ uuid }}\n\nA {{ genre }} film in {{ place }}."
RECORD = "Genre: {{ genre }}\nOutline: "


def recipe(
    axes: Mapping[str, tuple[Value, ...]] | None = None,
    combinations: dict[str, Any] | None = None,
    prompt: dict[str, Any] | None = None,
    endpoint: dict[str, Any] | None = None,
) -> Recipe:
    return Recipe.of(
        AXES if axes is None else axes,
        Combinations(**(combinations or {})),
        Prompt(**{"request": REQUEST, "record": RECORD, **(prompt or {})}),
        **{"api": "chat", "model": "small", "parameters": {"temperature": 1.0}, **(endpoint or {})},
    )


def keys(made: Recipe) -> set[str]:
    return {sample.key for sample in made.samples()}


def shipped() -> Recipe:
    config = read(Path(__file__).parents[2] / "config.toml").config()
    assert check(config.prompt, config.axes) == []
    endpoint = config.endpoint
    return Recipe.of(
        config.axes,
        config.combinations,
        config.prompt,
        api=endpoint.api or "chat",
        model=endpoint.model,
        parameters=endpoint.parameters,
    )


def test_the_shipped_recipe_makes_256_different_samples() -> None:
    made = shipped()
    samples = list(made.samples())

    assert made.total == made.combinations == len(samples) == len(keys(made)) == 256
    assert len({tuple(sample.combination.values()) for sample in samples}) == 256
    assert all(made.request(sample).prompt.endswith("\n\nPlot outline: ") for sample in samples)
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
    assert made.fingerprint != recipe().fingerprint
    assert differences(recipe().facts(), made.facts())


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": {"record": "{{ uuid }} something else"}},
        {"prompt": {"request": REQUEST.replace("{{ uuid }}", "")}},
        {"combinations": {"seed": 7}},
        {"endpoint": {"parameters": {"temperature": 1}}},
        {"axes": {"place": ("Mali", "India", "Chile"), "genre": ("crime", "horror")}},
    ],
    ids=str,
)
def test_what_is_no_part_of_identity_changes_no_key(change: dict[str, Any]) -> None:
    assert keys(recipe(**change)) == keys(recipe())


@pytest.mark.parametrize(
    "change",
    [
        {"combinations": {"seed": 7}},
        {"combinations": {"limit": 2}},
        {"prompt": {"record": "something else"}},
        {"endpoint": {"parameters": {"temperature": 1}}},
        {"axes": {"place": ("Mali", "India", "Chile"), "genre": ("crime", "horror")}},
    ],
    ids=str,
)
def test_what_decides_nothing_about_belonging_leaves_the_fingerprint(change: dict[str, Any]) -> None:
    assert recipe(**change).fingerprint == recipe().fingerprint


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
    made = recipe(prompt={"system": "On {{ genre }} {{ uuid }}", "record": "{{ uuid }} {{ genre }} \n"})
    sample = next(made.samples())
    request = made.request(sample, 0)
    uuid = request.text.split("\n")[0]

    assert len(uuid) == 36
    assert request.text == f"{uuid}\n\nA {sample.combination['genre']} film in {sample.combination['place']}."
    assert request.system == f"On {sample.combination['genre']} {uuid}"
    assert request.prompt == f"{uuid} {sample.combination['genre']} \n"
    assert (request.sample, request.generation) == (sample, 0)
    assert made.request(sample) == recipe(
        prompt={"system": "On {{ genre }} {{ uuid }}", "record": "{{ uuid }} {{ genre }} \n"}
    ).request(sample)


def test_a_generation_or_a_seed_changes_the_uuid_and_nothing_else() -> None:
    made, reseeded = recipe(), recipe(combinations={"seed": 7})
    sample = next(made.samples())
    texts = [made.request(sample, 0).text, made.request(sample, 1).text, reseeded.request(sample, 0).text]

    assert len({text.split("\n", 1)[0] for text in texts}) == 3
    assert len({text.split("\n", 1)[1] for text in texts}) == 1
    assert made.request(sample, 0).prompt == made.request(sample, 1).prompt


def test_records_of_the_recipe_belong_after_a_way_through_json_and_beyond_the_limit() -> None:
    axes: dict[str, tuple[Value, ...]] = {"genre": ("horror", 1, 1.0, True), "place": ({"name": "India", "x": 1},)}
    made = recipe(axes, {"repeats": 2})
    limited = recipe(axes, {"repeats": 2, "limit": 1})
    for sample in made.samples():
        combination = json.loads(json.dumps(sample.combination))
        assert limited.belongs(combination, sample.repeat, sample.key)


@pytest.mark.parametrize(
    ("combination", "repeat", "key"),
    [
        ({"genre": "horror", "place": "India"}, 0, "0" * 32),
        ({"genre": "horror", "place": "India"}, 1, None),
        ({"genre": "crime", "place": "India"}, 0, None),
        ({"genre": "western", "place": "India"}, 0, None),
        ({"genre": "horror"}, 0, None),
        ({"genre": "horror", "place": "India", "mood": "dark"}, 0, None),
        ({"genre": ["horror"], "place": {}}, 0, None),
        ({}, 0, None),
        (None, None, None),
        ("horror", 0, 5),
    ],
)
def test_foreign_records_do_not_belong(combination: Any, repeat: Any, key: Any) -> None:
    made = recipe(combinations={"exclude": [{"genre": "crime", "place": "India"}]})
    twice = recipe(combinations={"repeats": 2})
    theirs = {(*sample.combination.values(), sample.repeat): sample.key for sample in twice.samples()}
    if key is None and isinstance(combination, dict):
        key = theirs.get((*map(str, combination.values()), repeat))

    assert not made.belongs(combination, repeat, key)


def test_tables_that_render_alike_have_the_same_key() -> None:
    axes: dict[str, tuple[Value, ...]] = {"genre": ("horror",), "place": ({"n": "Mali", "x": 1}, {"n": "Mali", "x": 2})}
    made = recipe(axes, prompt={"request": "{{ genre }} {{ place.n }}"})

    assert (made.total, len(keys(made))) == (2, 1)


def test_a_template_that_fails_in_the_middle_says_where() -> None:
    axes: dict[str, tuple[Value, ...]] = {"place": ({"name": "India"}, {"other": "Mali"})}
    made = recipe(axes, prompt={"request": "{{ place.name }}"})

    with pytest.raises(UsageError, match=r"prompt\.request: line 1: .*'name'.*Mali"):
        list(made.samples())


def test_facts_are_json_and_changing_them_changes_no_recipe() -> None:
    made = recipe()
    facts = made.facts()
    assert json.loads(json.dumps(facts)) == facts
    before = made.fingerprint
    facts["endpoint"]["model"] = "other"
    facts["combinations"]["repeats"] = 9

    assert made.fingerprint == before
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
        "348f5486e956c71ab5ab422d60a82e86",
        "9ffe5ba5d910f19d64125c85d72af25f",
        "de9c75c57810b38b2ff1e9120b9807f6",
    ]
    assert made.fingerprint == "86429a2ff780d9ef056261a3657c4249"
