"""What the headers of a reply say of limits: how long to wait, and how much is left. Pure parsing, no clock.

`headers` is any mapping that answers to lower-case names; `now` is in seconds since the epoch. Header forms:
Retry-After is RFC 9110, 10.2.3; retry-after-ms and x-ratelimit-* are OpenAI's and Azure's, anthropic-ratelimit-* are
Anthropic's, x-ratelimit-reset as an epoch in milliseconds is OpenRouter's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite

from asyncsynth.values import RateHints

MAX_WAIT_S = 3600.0  # a longer wait is cut to this: then one call asks whether it still holds
MAX_LENGTH = 64  # of a value that is looked at; a longer one is no time
MAX_LIMIT = 10**15
EPOCH_S = 10**9  # a plain number from here on is a moment (2001), not a duration (31 years)
EPOCH_MS = 10**12

# (remaining, reset): the reset counts where nothing remains.
_RESETS = (
    ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
    ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
    ("x-ratelimit-remaining", "x-ratelimit-reset"),
    ("anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"),
    ("anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"),
    ("anthropic-ratelimit-input-tokens-remaining", "anthropic-ratelimit-input-tokens-reset"),
    ("anthropic-ratelimit-output-tokens-remaining", "anthropic-ratelimit-output-tokens-reset"),
)
# In the order of RateHints: OpenAI's, Anthropic's.
_LIMITS = (
    ("x-ratelimit-limit-requests", "anthropic-ratelimit-requests-limit"),
    ("x-ratelimit-limit-tokens", "anthropic-ratelimit-tokens-limit"),
    ("x-ratelimit-remaining-requests", "anthropic-ratelimit-requests-remaining"),
    ("x-ratelimit-remaining-tokens", "anthropic-ratelimit-tokens-remaining"),
)
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?", re.ASCII)
_DURATION = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?(?:d|h|ms|m|s|us|µs|ns))+", re.ASCII)
_DURATION_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(d|h|ms|m|s|us|µs|ns)", re.ASCII)
_UNIT_S = {"d": 86_400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}


def retry_after_s(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds until the endpoint wants to be asked again, at most MAX_WAIT_S; None where it says nothing usable.

    The longest of retry-after-ms, retry-after, and the resets of the kinds of which nothing remains.
    """
    waits = [_milliseconds(headers.get("retry-after-ms")), wait_s(headers.get("retry-after"), now)]
    waits += [wait_s(headers.get(reset), now) for remaining, reset in _RESETS if _count(headers.get(remaining)) == 0]
    return max((wait for wait in waits if wait is not None), default=None)


def should_retry(headers: Mapping[str, str]) -> bool | None:
    """What x-should-retry says; None where it says nothing."""
    return {"true": True, "false": False}.get(headers.get("x-should-retry", "").strip().lower())


def rate_hints(headers: Mapping[str, str]) -> RateHints | None:
    """The limits and what is left of them; None where no header speaks of them."""
    found = [headers.get(openai) or headers.get(anthropic) for openai, anthropic in _LIMITS]
    if not any(found):
        return None
    hints = RateHints(*map(_count, found))
    return None if hints == RateHints() else hints


def wait_s(value: str | None, now: float) -> float | None:
    """Seconds that a header's value asks to wait, at most MAX_WAIT_S.

    `6m0s`, `17ms`, `1h2m3.5s`, plain seconds, an epoch in seconds or milliseconds, an HTTP date, RFC 3339.
    None for what is negative, past, not finite or no time at all.
    """
    if value is None or len(value) > MAX_LENGTH:
        return None
    text = value.strip()
    if _NUMBER.fullmatch(text):
        return _capped(_seconds_of_number(float(text), now))
    if _DURATION.fullmatch(text):
        return _capped(sum(float(number) * _UNIT_S[unit] for number, unit in _DURATION_PART.findall(text)))
    moment = _moment(text)
    return None if moment is None else _capped(moment - now)


def _seconds_of_number(number: float, now: float) -> float:
    if number >= EPOCH_MS:
        return number / 1000 - now
    return number - now if number >= EPOCH_S else number


def _milliseconds(value: str | None) -> float | None:
    number = _number(value)
    return None if number is None else _capped(number / 1000)


def _number(value: str | None) -> float | None:
    text = "" if value is None or len(value) > MAX_LENGTH else value.strip()
    return float(text) if _NUMBER.fullmatch(text) else None


def _moment(text: str) -> float | None:
    """Seconds since the epoch of an RFC 3339 or HTTP date; a date without a zone is in UTC."""
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
    return None


def _capped(seconds: float) -> float | None:
    if seconds == float("inf"):
        return MAX_WAIT_S  # a number too large for a float is still a very long wait
    return min(seconds, MAX_WAIT_S) if isfinite(seconds) and seconds >= 0 else None


def _count(value: str | None) -> int | None:
    """A limit or a remainder; None for `-1` (no limit) and nonsense."""
    if value is None:
        return None
    number = _number(value)
    return int(number) if number is not None and 0 <= number <= MAX_LIMIT else None
