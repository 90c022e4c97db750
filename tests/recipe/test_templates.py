"""Promises of recipe.templates: what is asked, and the fields of the training example."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from msgspec.structs import replace

from asyncsynth.config import Prompt, Record
from asyncsynth.errors import UsageError
from asyncsynth.recipe.sandbox import TemplateSandbox
from asyncsynth.recipe.templates import Asked, RecordTemplates, RequestTemplates, text_of
from asyncsynth.values import Sample, Turn, Value

AXES: dict[str, tuple[Value, ...]] = {"genre": ("horror", "crime"), "place": ({"name": "India"}, {"name": "Chile"})}
SAMPLE = Sample("0" * 32, {"genre": AXES["genre"][1], "place": AXES["place"][1]}, 0)
TOO_DEEP = "{{ (" + "(" * 9999 + "1" + ")" * 10000 + " }}"


def requests(**prompt: Any) -> RequestTemplates:
    return RequestTemplates(Prompt(**prompt), AXES, TemplateSandbox())


def records(seed: int = 0, **record: Any) -> RecordTemplates:
    return RecordTemplates(Record(**record), AXES, seed, TemplateSandbox())


def test_request_and_system_text_have_the_axes_and_the_uuid() -> None:
    templates = requests(request="{{ uuid }} {{ genre }} in {{ place.name }}", system="On {{ genre }} {{ uuid }}")

    assert templates.asked(SAMPLE.combination, "U") == Asked("U crime in Chile", "On crime U")
    assert templates.asked(SAMPLE.combination) == Asked(" crime in Chile", "On crime ")
    assert requests(request="{{ genre }}").asked(SAMPLE.combination, "U") == Asked("crime", None)


TURNS = (Turn("assistant", "Hello."), Turn("user", "Hi."))


@pytest.mark.parametrize(
    ("asked", "anew"),
    [
        (Asked("A plot.", None), Asked("U\n\nA plot.", None)),
        (Asked("A plot.", "Be brief."), Asked("U\n\nA plot.", "Be brief.")),
        (Asked("A plot. U", "Be brief."), Asked("A plot. U", "Be brief.")),
        (Asked("A plot.", "U Be brief."), Asked("A plot.", "U Be brief.")),
        (Asked(text_of(TURNS), "Be brief.", TURNS), Asked(text_of(TURNS), "U\n\nBe brief.", TURNS)),
        (
            Asked(text_of(TURNS), None, TURNS),
            Asked("assistant: U\n\nHello.\n\nuser: Hi.", None, (Turn("assistant", "U\n\nHello."), TURNS[1])),
        ),
    ],
    ids=[
        "text",
        "beside a system text",
        "in the text",
        "in the system text",
        "dialogue with a system text",
        "dialogue",
    ],
)
def test_what_is_asked_anew_has_its_uuid_once_and_above_all_that_it_said_before(asked: Asked, anew: Asked) -> None:
    assert asked.anew("U") == anew


@pytest.mark.parametrize(
    ("record", "fields"),
    [
        ({"prompt": "Genre: {{ genre }} \n"}, {"prompt": "Genre: crime \n", "completion": "The answer."}),
        ({"prompt": "p", "completion": " {{ completion }}\n"}, {"prompt": "p", "completion": " The answer.\n"}),
        (
            {"prompt": "p", "chosen": "{{ completion }}", "rejected": "{{ genre }}", "other": "{{ place.name }}"},
            {"prompt": "p", "chosen": "The answer.", "rejected": "crime", "other": "Chile"},
        ),
        (
            {
                "messages": [
                    {"role": "user", "content": "{{ genre }}?"},
                    {"role": "assistant", "content": "{{ completion }}"},
                ]
            },
            {"messages": [{"role": "user", "content": "crime?"}, {"role": "assistant", "content": "The answer."}]},
        ),
    ],
)
def test_a_record_has_the_fields_of_the_config(record: dict[str, Any], fields: dict[str, Any]) -> None:
    made = records(**record).fields(SAMPLE, {"completion": "The answer."})

    assert made == fields
    assert list(made) == list(fields)


@pytest.mark.parametrize("answer", ["{{ genre }}", "{% if %}", "{# #}", "%s %(genre)s {0}", "\ud800", ""])
def test_an_answer_is_data_and_never_rendered(answer: str) -> None:
    templates = records(
        prompt="{{ genre }}", completion="{{ completion }}", also="<{{ completion | replace('x', 'y') }}>"
    )
    plain = answer.encode("utf-8", "replace").decode()

    assert records(prompt="p").fields(SAMPLE, {"completion": answer})["completion"] == answer
    assert templates.fields(SAMPLE, {"completion": plain})["also"] == f"<{plain}>"


def test_one_of_several_templates_is_drawn_for_each_sample_by_the_seed() -> None:
    samples = [replace(SAMPLE, key=f"{number:032x}") for number in range(3000)]

    def draws(seed: int) -> list[str]:
        templates = records(seed, prompt=["a {{ genre }}", "b", "c"])
        return [templates.fields(sample, {"completion": "x"})["prompt"] for sample in samples]

    drawn = draws(0)
    assert drawn == draws(0)
    assert drawn != draws(1)
    assert set(Counter(drawn)) == {"a crime", "b", "c"}
    # The standard deviation of such a count is 26.
    assert all(abs(count - 1000) < 130 for count in Counter(drawn).values())


def test_fields_are_drawn_independently() -> None:
    templates = records(prompt=["a", "b"], completion=["a", "b"])
    made = [templates.fields(replace(SAMPLE, key=f"{number:032x}"), {"completion": "x"}) for number in range(400)]

    assert len({(one["prompt"], one["completion"]) for one in made}) == 4


@pytest.mark.parametrize("wrong", ["{{", TOO_DEEP], ids=["open", "deep"])
def test_a_template_that_can_not_be_compiled_is_a_usage_error(wrong: str) -> None:
    with pytest.raises(UsageError, match=r"prompt\.request: can't be compiled"):
        requests(request=wrong)
    with pytest.raises(UsageError, match=r"record\.prompt\[1\]: can't be compiled"):
        records(prompt=["right", wrong])


def test_a_record_that_fails_for_one_answer_names_template_and_combination() -> None:
    with pytest.raises(UsageError, match=r'^record\.completion: line 1: .* \(with genre = "crime", place = ') as caught:
        records(prompt="p", completion="{{ completion.split()[3] }}").fields(SAMPLE, {"completion": "a secret answer"})
    assert "secret" not in caught.value.message
