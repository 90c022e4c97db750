"""What the first requests of a job have in tokens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from asyncsynth.app.first_requests import Look, look_at_first
from tests.app.jobs import job

TEXT = "a" * 300
OUTLINE = {"request": f"{{{{ uuid }}}}{{{{ genre }}}}{{{{ mood }}}}{TEXT}", "parameters": {"max_tokens": 40}}
STORY = {"request": "{{ outline }}", "parameters": {"max_tokens": 1000}}


def looks(directory: Path, usual: dict[str, float], **over: Any) -> dict[str, Look]:
    given: dict[str, Any] = {"prompt": None, "steps": {"outline": OUTLINE, "story": STORY}, "record": {"prompt": "a"}}
    return dict(look_at_first(job(directory, **given | over), usual))


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


def test_a_schema_goes_with_every_request_and_counts(tmp_path: Path) -> None:
    shaped = {"outline": {**OUTLINE, "schema": {"plot": "string"}}, "story": STORY}
    found, without = looks(tmp_path, {}, steps=shaped)["outline"], looks(tmp_path, {})["outline"]
    assert found.tokens > without.tokens + 20
    assert found.most > without.most + 60
