"""What a step is known by: its keys follow from what is asked and from the answers that it is made from."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from asyncsynth.config import Prompt
from asyncsynth.config.config import StepSection
from asyncsynth.errors import UsageError
from asyncsynth.recipe.identity import Keys, request_uuid
from asyncsynth.recipe.sandbox import TemplateSandbox
from asyncsynth.recipe.step import Step
from asyncsynth.values import Request, Sample

GENRES = ("horror", "mystery")
SAMPLE = Sample("", {"genre": "horror"}, 0)
OUTLINE = {"outline": "0123/0"}


class Known(NamedTuple):
    """An earlier answer, whose text has its name in its place."""

    name: str
    stand_in: str


def step(name: str = "story", *needs: str, **prompt: Any) -> Step:
    section = StepSection(name, f"steps.{name}", Prompt(**prompt))
    return Step(section, needs, Keys("chat", "m", {}), {"genre": GENRES}, 2022, TemplateSandbox())


def key(made: Step, answers: dict[str, str] = OUTLINE, *, take: int = 0, sample: Sample = SAMPLE) -> str:
    return made.takes(sample, {name: Known(called, called) for name, called in answers.items()})(take)


def test_a_first_step_has_the_key_of_a_recipe_of_one_step_whatever_it_is_called() -> None:
    asked = {"request": "A {{ genre }} plot. {{ uuid }}"}
    assert (
        key(step("outline", **asked))
        == key(step("plot", **asked))
        == Keys("chat", "m", {}).key("A horror plot. ", None, 0)
    )


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"answers": {"outline": "4567/0"}}, id="another answer"),
        pytest.param({"answers": {"outline": "0123/1"}}, id="another generation of it"),
        pytest.param({"take": 1}, id="another take"),
        pytest.param({"sample": replace(SAMPLE, repeat=1)}, id="another repeat"),
    ],
)
def test_a_later_step_has_another_key_with(other: dict[str, Any]) -> None:
    made = step("story", "outline", request="Expand: {{ outline }}")
    assert key(made, **other) != key(made)


def test_what_can_only_be_rendered_with_the_text_itself_is_known_by_template_and_values() -> None:
    def made(template: str) -> Step:
        return step("story", "outline", request=template)

    third_line = "{{ genre }}: {{ outline.split('/')[2] }}"
    assert key(made(third_line)) == key(made(third_line))
    assert key(made(third_line)) != key(made(third_line.replace("[2]", "[3]")))
    other = replace(SAMPLE, combination={"genre": "mystery"})
    assert key(made(third_line)) != key(made(third_line), sample=other)


def test_a_request_has_the_text_of_the_answer_and_the_uuid_of_its_own_key() -> None:
    made = step("story", "outline", request="{{ uuid }} Expand: {{ outline }}")
    request = made.request(replace(SAMPLE, key="ab"), {"outline": "a plot"}, take=1, generation=0)
    assert request.text.endswith(" Expand: a plot")
    assert (request.step, request.take) == ("story", 1)
    again = made.request(replace(SAMPLE, key="ab"), {"outline": "a plot"}, take=1, generation=1)
    assert again.text != request.text, "a dropped answer is asked for under a new UUID"


@pytest.mark.parametrize("template", ["Expand.", "{% if genre == 'romance' %}{{ uuid }}{% endif %}Expand."])
def test_no_take_or_generation_is_asked_like_another_though_the_template_puts_no_uuid_into_it(template: str) -> None:
    made = step("story", request=template, system="Be brief.", retry=2)
    keys = made.takes(SAMPLE, {})

    def asked(take: int, generation: int) -> Request:
        return made.request(replace(SAMPLE, key=keys(take)), {}, take=take, generation=generation)

    first, *others = [asked(take, generation) for take in range(3) for generation in range(2)]
    assert (first.text, first.system) == ("Expand.", "Be brief.")
    assert len({each.text for each in others}) == len(others)
    assert all(len(each.text) == 36 + len("\n\nExpand.") and each.text.endswith("\n\nExpand.") for each in others)


def test_the_model_is_shown_a_rejected_answer_behind_a_request_with_a_uuid_of_its_own() -> None:
    made = step("story", request="Expand.", retry=1, retry_with_reason=True)
    again = made.request(replace(SAMPLE, key="ab"), {}, take=1, generation=0, rejected=("Short.", "has 1 word"))
    assert again.turns[0].content == f"{request_uuid(2022, 'ab', 0)}\n\nExpand."
    assert again.turns[1].content == "Short."


def test_an_answer_is_data_and_never_rendered() -> None:
    made = step("story", "outline", request="Expand: {{ outline }}")
    assert (
        made.request(SAMPLE, {"outline": "{{ genre }} {% if"}, take=0, generation=0).text == "Expand: {{ genre }} {% if"
    )


def test_a_first_request_that_can_not_be_rendered_is_told_with_its_place() -> None:
    with pytest.raises(UsageError, match=r"steps\.story\.request: .*a text has no field 'name'"):
        key(step(request="{{ genre.name }}"))
