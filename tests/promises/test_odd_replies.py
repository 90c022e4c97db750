"""Replies as services really send them, on the real command line: what is kept, what is paid, what stops a run."""

from __future__ import annotations

import asyncio
import json
import subprocess
from typing import Any

import pytest

from tests.cli.conftest import House
from tests.provider.scripted import Turn, answer, http, scripted

PRICE = "endpoint.price={ input = 1, output = 2 }"


async def run(house: House, turn: Turn, *more: str) -> subprocess.CompletedProcess[str]:
    async with scripted(turn) as server:
        options = ["-o", "out", "--limit", "3", "--concurrency", "1", "--set", "endpoint.provider=openai"]
        options += ["--set", f"endpoint.base_url={server.base_url}", "--set", PRICE, *more]
        ended = await asyncio.to_thread(house.run, "run", *options)
    assert "Traceback" not in ended.stderr
    return ended


def said(ended: subprocess.CompletedProcess[str]) -> str:
    return ended.stdout + ended.stderr


async def test_an_unknown_finish_reason_is_kept_flagged_and_counted(house: House) -> None:
    ended = await run(house, Turn(http(200, answer("chat", "A plot.", "vibes"))))
    assert ended.returncode == 0, said(ended)
    assert {(record["finish_reason"], *record["flags"]) for record in house.records()} == {
        ("vibes", "unknown_finish_reason")
    }
    assert "3 unknown_finish_reason" in said(ended)


async def test_answers_that_were_cut_are_counted_whatever_the_endpoint_calls_it(house: House) -> None:
    ended = await run(house, Turn(http(200, answer("chat", "A plo", "MAX_TOKENS"))))
    assert "3 of 3 answers were cut off at max_tokens" in said(ended)
    assert {record["finish_reason"] for record in house.records()} == {"length"}


async def test_tokens_that_the_endpoint_did_not_count_are_said_to_be_estimated(house: House) -> None:
    zeros = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    ended = await run(house, Turn(http(200, answer("chat", "A plot.", usage=zeros))))
    assert "those of 3 answers are estimated" in said(ended)


async def test_thoughts_are_in_no_completion_and_what_the_total_has_above_its_parts_is_paid(house: House) -> None:
    parts = [{"type": "thinking", "thinking": "SECRET"}, {"type": "text", "text": "A plot."}]
    usage = {"prompt_tokens": 40, "completion_tokens": 80, "total_tokens": 520}
    ended = await run(house, Turn(http(200, answer("chat", parts, usage=usage))))
    assert {(record["completion"], record["cost_usd"]) for record in house.records()} == {("A plot.", 0.001)}
    assert ended.returncode == 0


STOPS: dict[str, tuple[int, Any, dict[str, str], str]] = {
    "spend limit in details": (
        429,
        {"type": "error", "error": {"type": "rate_limit_error", "message": "Access resumes on the 1st.",
                                    "details": {"error_code": "enforced_spend_limit_reached"}}},
        {},
        "Access resumes on the 1st.",
    ),
    "no balance in an envelope": (200, {"code": 1113, "message": "top up", "success": False}, {}, "top up"),
    "a limit of hours": (429, {"error": {"message": "requests per day"}}, {"retry-after": "21600"}, "(6 h 0 min)"),
    "a quota by the day, in a list": (
        429,
        [{"error": {"code": 429, "message": "W", "status": "RESOURCE_EXHAUSTED",
                    "details": [{"violations": [{"quotaId": "GenerateRequestsPerDayPerProject"}]},
                                {"retryDelay": "38s"}]}}],
        {},
        "until ",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", STOPS)
async def test_what_no_waiting_helps_stops_at_once_with_the_endpoints_words_and_nothing_is_dead(
    house: House, case: str
) -> None:
    status, tree, headers, words = STOPS[case]
    ended = await run(house, Turn(http(status, json.dumps(tree).encode(), headers)))
    assert ended.returncode == 4, said(ended)
    assert words in said(ended)
    assert house.records() == []
    assert (house.folder / "out" / "failures.jsonl").read_text() == ""
