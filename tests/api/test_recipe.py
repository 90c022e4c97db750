"""Recipes in a script: checked when they are built, planned and previewed without a call."""

from __future__ import annotations

import pickle
from array import array
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

import asyncsynth as syn
from asyncsynth.api.given import plain

ROOT = Path(__file__).parents[2]
Build = Callable[..., syn.Recipe]
HOLDS_ITSELF: list[Any] = []
HOLDS_ITSELF.append(HOLDS_ITSELF)


def test_sections_go_over_the_file_s(tmp_path: Path) -> None:
    recipe = syn.Recipe.load(ROOT / "config.toml", limits={"concurrency": 64}, endpoint={"provider": "simulator"})
    config = recipe.job(tmp_path / "out").config
    assert config.limits.concurrency == 64
    assert config.endpoint.provider == "simulator"
    assert config.output.directory == str(tmp_path / "out")
    assert config.limits.max_attempts == 6


def test_settings_are_those_of_the_command_line() -> None:
    recipe = syn.Recipe.load(ROOT / "config.toml", settings="limits.concurrency=auto")
    assert recipe.job("out").config.limits.concurrency == "auto"


def test_every_mistake_is_told_when_the_recipe_is_built() -> None:
    with pytest.raises(syn.ConfigError) as refused:
        syn.Recipe(axes={"genre": ["horror"]}, prompt={"request": "{{ gnre }}"}, record={"prompt": "{{ genr }}"})
    assert "prompt.request: line 1: there is no axis 'gnre'; did you mean genre?" in str(refused.value)
    assert "record.prompt" in str(refused.value)


class Mood(Enum):
    CALM = "calm"
    ANGRY = "angry"


@pytest.mark.parametrize(
    ("given", "values"),
    [
        (range(3), [0, 1, 2]),
        (Mood, ["calm", "angry"]),
        ({"calm": 1, "angry": 2}.keys(), ["calm", "angry"]),
        ((word for word in ("calm", "angry")), ["calm", "angry"]),
        (array("i", [1, 2]), [1, 2]),
        ([{"name": Mood.CALM, Mood.ANGRY: ("x",)}], [{"name": "calm", "Mood.ANGRY": ["x"]}]),
    ],
)
def test_whatever_has_members_is_a_list_of_plain_values(given: object, values: list[object]) -> None:
    assert plain(given) == values


def test_what_has_the_wrong_type_is_told_with_its_place() -> None:
    with pytest.raises(syn.ConfigError, match="limits: must be a table"):
        syn.Recipe.load(ROOT / "config.toml", limits=5)  # type: ignore[arg-type]
    with pytest.raises(syn.UsageError, match="a dict can't be run"):
        syn.run({"axes": {}})  # type: ignore[arg-type]


def test_an_empty_path_is_not_the_working_directory(recipe: Build) -> None:
    with pytest.raises(syn.UsageError, match="has no name"):
        recipe(2).plan("")
    with pytest.raises(syn.UsageError, match="has no name"):
        syn.open("")


def test_a_plan_and_a_preview_send_nothing_and_make_no_directory(recipe: Build, tmp_path: Path) -> None:
    built = recipe(16)
    plan = built.plan(tmp_path / "out")
    assert (plan.samples, plan.inventory.to_make, plan.inventory.requests) == (16, 16, 16)
    assert "reuse 0, make 16" in str(plan)
    first, second = built.preview(2)
    assert first.key != second.key
    assert first.fields["prompt"].startswith("Genre: ")
    assert "--- request\n" in repr(built.preview(1))
    assert list(tmp_path.iterdir()) == []


def test_a_recipe_is_not_changed_by_its_use(recipe: Build, tmp_path: Path) -> None:
    built = recipe(16)
    built.plan(tmp_path / "one")
    assert built.job(tmp_path / "two").config.output.directory == str(tmp_path / "two")


def test_axes_take_rows_of_files_by_text_or_path(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("name\nlamp\nrug\n", encoding="utf-8")
    for path in (tmp_path / "p.csv", str(tmp_path / "p.csv")):
        built = syn.Recipe(
            axes={"product": {"rows": path}, "mood": {"draw": ["dry", "warm"]}},
            prompt={"request": "{{ product.name }}, {{ mood }}"},
            record={"prompt": "{{ product.name }}: "},
            endpoint={"provider": "simulator", "model": "m"},
        )
        assert built.plan(tmp_path / "out").samples == 2
        assert {one.fields["prompt"] for one in built.preview(2)} == {"lamp: ", "rug: "}


def test_steps_stand_in_the_place_of_a_prompt() -> None:
    steps = {"plot": {"request": "A {{ genre }} plot."}, "story": {"request": "Expand: {{ plot }}"}}
    recipe = syn.Recipe(
        axes={"genre": ["horror", "mystery"]},
        steps=steps,
        record={"prompt": "{{ genre }}: "},
        endpoint={"provider": "simulator", "model": "m"},
        output={"directory": "runs/nowhere"},
    )
    assert recipe.plan().inventory.by_step == {"plot": 2, "story": 2}
    (first,) = recipe.preview(1)
    assert [said.step for said in first.said] == ["plot", "story"]


def test_a_recipe_goes_to_other_processes(recipe: Build, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text((ROOT / "config.toml").read_text())
    for one in (recipe(16), syn.Recipe.load(tmp_path / "config.toml", limits={"concurrency": 3})):
        sent = pickle.loads(pickle.dumps(one))
        assert str(sent.plan(tmp_path / "out")) == str(one.plan(tmp_path / "out"))


@pytest.mark.parametrize(
    ("given", "message"),
    [(["a\ud800"], "has half a character"), (HOLDS_ITSELF, "holds itself")],
)
def test_a_value_that_no_config_can_hold_is_told(given: object, message: str) -> None:
    with pytest.raises(syn.UsageError, match=message):
        plain({"genre": given})


def test_settings_are_texts() -> None:
    settings: Any = {"limits": 5}.values()
    with pytest.raises(syn.UsageError, match="settings: 5 is of the wrong type"):
        syn.Recipe.load(ROOT / "config.toml", settings=settings)
