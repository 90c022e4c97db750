"""What the first requests of a job have in tokens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from asyncsynth.app.first_requests import Look, look_at_first
from tests.app.jobs import job

TEXT = "a" * 300
OUTLINE = {"request": f"{{{{ uuid }}}}{{{{ genre }}}}{{{{ mood }}}}{TEXT}", "parameters": {"max_tokens": 40}}
STORY = {"request": "{{ outline }}", "parameters": {"max_tokens": 1000}}


def looks(directory: Path, usual: dict[str, float], *, dropped: bool = False, **over: Any) -> dict[str, Look]:
    given: dict[str, Any] = {"prompt": None, "steps": {"outline": OUTLINE, "story": STORY}, "record": {"prompt": "a"}}
    return dict(look_at_first(job(directory, **given | over), usual, dropped=dropped))


def test_the_most_of_a_prompt_is_a_token_a_byte_and_what_chat_templates_add(tmp_path: Path) -> None:
    look = looks(tmp_path, {})["outline"]
    assert look.most - 64 == 36 + 300 + len("horrorromancemystery") / 3 + len("calmangry") / 2
    assert look.tokens < look.most / 2


def test_a_later_step_is_sent_answers_as_long_as_they_usually_are_and_at_most_as_long_as_they_can_be(
    tmp_path: Path,
) -> None:
    unknown, known = looks(tmp_path, {})["story"], looks(tmp_path, {"outline": 10.0})["story"]
    assert (unknown.tokens, known.tokens) == (8 + 40, 8 + 10)
    assert unknown.most == known.most >= 40 + 64


@pytest.mark.parametrize(
    ("options", "more"),
    [
        ({"retry": 1}, 36 + len("\n\n")),
        ({"request": "{{ outline }} {{ uuid }}", "retry": 1}, 36 + len(" ")),
        ({"retry_with_reason": True, "retry": 1, "keep": "story | length > 2"}, 5 * 1000 + 300),
    ],
    ids=["a line with a UUID", "its own UUID", "the answer and why it was rejected"],
)
def test_the_most_of_a_prompt_is_that_of_the_last_take(tmp_path: Path, options: dict[str, Any], more: int) -> None:
    once = looks(tmp_path, {})["story"]
    often = looks(tmp_path, {}, steps={"outline": OUTLINE, "story": {**STORY, **options}})["story"]
    assert more <= often.most - once.most <= more + 100
    assert often.tokens - once.tokens <= 20


def test_the_most_of_what_is_asked_anew_after_a_drop_has_the_line_with_a_uuid(tmp_path: Path) -> None:
    one_step: dict[str, Any] = {"steps": None, "prompt": {"request": "{{ genre }}{{ mood }}"}}
    for over in ({}, one_step):
        usual, anew = looks(tmp_path, {}, **over), looks(tmp_path, {}, dropped=True, **over)
        last = list(usual)[-1]
        assert (anew[last].most, anew[last].tokens) == (usual[last].most + 38, usual[last].tokens)


def test_a_schema_goes_with_every_request_and_counts(tmp_path: Path) -> None:
    shaped = {"outline": {**OUTLINE, "schema": {"plot": "string"}}, "story": STORY}
    found, without = looks(tmp_path, {}, steps=shaped)["outline"], looks(tmp_path, {})["outline"]
    assert found.tokens > without.tokens + 20
    assert found.most > without.most + 60
