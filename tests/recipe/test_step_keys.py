"""Keys of later steps that are put together without a rendering are those of the rendered requests."""

from __future__ import annotations

from typing import Any

import pytest

from asyncsynth.config import Prompt
from asyncsynth.config.config import StepSection
from asyncsynth.recipe.identity import Keys
from asyncsynth.recipe.sandbox import TemplateSandbox
from asyncsynth.recipe.step import Step
from asyncsynth.values import Sample
from tests.recipe.test_step import Known

GENRES = ('horror "noir"', "com\\edy\n", "Märchen", "half a pair: \ud83d")
EARLIER = {"outline": Known("0123/0", "0123/0"), "plot": Known("4567/1", "4567/1")}


def step(*needs: str, **prompt: Any) -> Step:
    section = StepSection("story", "steps.story", Prompt(**prompt))
    return Step(section, needs, Keys("chat", "m", {}), {"genre": GENRES}, 2022, TemplateSandbox())


@pytest.mark.parametrize("genre", GENRES, ids=["quotes", "a newline", "an umlaut", "a lone surrogate"])
@pytest.mark.parametrize(
    "prompt",
    [
        pytest.param({"request": 'Expand "100%" of it:\n{{ outline }}'}, id="answers alone"),
        pytest.param({"request": "{{ uuid }} {{ genre | upper }}: {{ plot }}{{ outline }}"}, id="axes, two answers"),
        pytest.param({"request": "{{ outline }}", "system": 'A "{{ genre }}" writer. {{ plot }}'}, id="system text"),
    ],
)
def test_every_take_has_the_key_of_the_rendered_request(prompt: dict[str, Any], genre: str) -> None:
    sample, made = Sample("", {"genre": genre}, 3), step("outline", "plot", **prompt)
    quickly = made.takes(sample, EARLIER)
    assert made.unrendered_keys is not None
    made.unrendered_keys = None
    rendered = made.takes(sample, EARLIER)
    assert [quickly(take) for take in range(3)] == [rendered(take) for take in range(3)]


@pytest.mark.parametrize(
    "prompt",
    [
        pytest.param({"request": "{% if outline %}{{ outline }}{% endif %}"}, id="control flow"),
        pytest.param({"request": "{{ outline | upper }}"}, id="a filter on an answer"),
        pytest.param({"messages": [{"role": "user", "content": "{{ outline }}"}]}, id="messages"),
        pytest.param({"request": "{{ outline }}", "system": "{{ outline[0] }}"}, id="a system text like that"),
    ],
)
def test_what_can_not_be_put_together_is_rendered(prompt: dict[str, Any]) -> None:
    made = step("outline", **prompt)
    assert made.unrendered_keys is None or "messages" in prompt
