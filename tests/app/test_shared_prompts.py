"""What a plan says of caches of prompts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from asyncsynth.app.job import job_of
from asyncsynth.app.load import config_of
from asyncsynth.app.plan import plan

PAGE = "four " * 1000
EPHEMERAL = {"cache_control": {"type": "ephemeral"}}
UUID_FIRST, UUID_LAST = "{{ uuid }} {{ page }} {{ question }}", "{{ page }} {{ question }} {{ uuid }}"


def note(tmp_path: Path, request: str, *, order: str = "even", system: str | None = None, **endpoint: Any) -> str:
    """What the plan of 4 pages and 25 questions says of caching."""
    sections = {
        "axes": {"page": [f"{n} {PAGE}" for n in range(4)], "question": [f"q{n}" for n in range(25)]},
        "combinations": {"order": order},
        "prompt": {"request": request, **({} if system is None else {"system": system})},
        "record": {"prompt": "{{ question }}"},
        "endpoint": {
            "provider": "openai",
            "model": "gpt-4o-mini",
            "price": {"input": 2, "output": 3, "cached_input": 1},
            **endpoint,
        },
        "output": {"directory": str(tmp_path)},
    }
    planned = plan(job_of(config_of(sections, "the config of a test")))
    return "\n".join(note for note in planned.notes if note.startswith("caching"))


def claude(**parameters: Any) -> dict[str, Any]:
    return {"provider": "anthropic", "model": "claude-sonnet-4-5", "parameters": {"max_tokens": 9, **parameters}}


def test_a_uuid_on_top_is_told_with_what_it_costs(tmp_path: Path) -> None:
    told = note(tmp_path, UUID_FIRST)
    assert "{{ uuid }} stands before what requests share" in told
    assert "requests with the same page share a beginning of about 1,251 tokens" in told
    assert "openai caches from 1,024 tokens on: up to $0.1201 less for 100 requests" in told


def test_what_is_shared_is_told_and_the_order_that_makes_use_of_it(tmp_path: Path) -> None:
    told = note(tmp_path, UUID_LAST)
    assert "share a beginning of about 1,251 tokens; openai caches from 1,024" in told
    assert told.endswith('; combinations.order = "prefix" sends them one after the other')
    assert "prefix" not in note(tmp_path, UUID_LAST, order="prefix")


@pytest.mark.parametrize(
    "endpoint",
    [
        {"base_url": "https://gateway.test/v1"},
        {"provider": "anthropic", "model": "claude-haiku-4-5", "parameters": {"max_tokens": 9}},
        {"provider": "groq"},
    ],
    ids=str,
)
def test_nothing_is_said_of_a_service_that_is_not_known_to_cache_so_much(
    tmp_path: Path, endpoint: dict[str, Any]
) -> None:
    assert note(tmp_path, "{{ question }}", system="{{ page }}", **endpoint) == ""


def test_a_short_beginning_is_not_worth_a_word(tmp_path: Path) -> None:
    assert note(tmp_path, "{{ question }} {{ page }}") == ""


def test_anthropic_caches_a_system_text_that_is_marked(tmp_path: Path) -> None:
    assert "system text of about 1,250 tokens" in note(tmp_path, "{{ question }}", system="{{ page }}", **claude())
    assert "endpoint.parameters.cache_control" in note(tmp_path, "{{ question }}", system="{{ page }}", **claude())
    marked = note(tmp_path, "{{ question }}", system="{{ page }}", **claude(**EPHEMERAL))
    assert "endpoint.parameters" not in marked
    assert "anthropic caches from 1,024" in marked
    assert note(tmp_path, UUID_LAST, **claude(**EPHEMERAL)) == ""
