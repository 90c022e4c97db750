"""Log lines are structured, one line each, without controls and without the key."""

from __future__ import annotations

import io
import json

from asyncsynth.cli.logs import LogFormat, logger

CANARY = "sk-canary-0123456789"


def lines(log_format: LogFormat, **facts: object) -> str:
    stream = io.StringIO()
    logger(log_format, lambda text: text.replace(CANARY, "***"), stream).warning("fault", **facts)
    return stream.getvalue()


def test_a_json_line_parses_and_has_its_level_and_time() -> None:
    fact = json.loads(lines("json", reason="rate_limited", status=429))
    assert (fact["event"], fact["level"], fact["reason"], fact["status"]) == ("fault", "warning", "rate_limited", 429)
    assert fact["timestamp"].endswith("Z")


def test_a_text_line_is_one_line_whatever_a_provider_says() -> None:
    text = lines("text", message="a\nb\x1b[31mred\x07\u202e")
    assert text.count("\n") == 1
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_the_key_is_in_no_line() -> None:
    formats: tuple[LogFormat, ...] = ("json", "text")
    for log_format in formats:
        assert CANARY not in lines(log_format, message=f"Incorrect API key provided: {CANARY}")
