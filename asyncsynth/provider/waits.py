"""How long a reply asks to wait. Pure parsing, no clock: `now` is in seconds since the epoch.

Retry-After is RFC 9110, 10.2.3; retry-after-ms is OpenAI's and Azure's; the resets of limits come in many spellings:
x-ratelimit-reset-tokens (OpenAI), anthropic-ratelimit-tokens-reset, x-ratelimit-reset-requests-day (Cerebras),
x-ratelimit-reset as an epoch in milliseconds (OpenRouter).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from math import isfinite
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

LONGEST_PAUSE_S = 3600.0  # who asks to wait for longer has a quota by the day, and a person should know
LONGEST_WAIT_S = 400 * 86_400.0  # beyond that it is no time
SHOWN_FROM_S = 60.0  # a shorter wait is over before anybody has read its end
MAX_LENGTH = 64  # of a value that is looked at; a longer one is no time
EPOCH_S = 10**9  # a plain number from here on is a moment (2001), not a duration (31 years)
EPOCH_MS = 10**12

_LIMIT_HEADER = r"rate-?limit-(.+)"
_NUMBER = r"(?a)[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?"
_DURATION = r"(?a)(?:[0-9]+(?:\.[0-9]+)?(?:d|h|ms|m|s|us|µs|ns))+"
_DURATION_PART = r"(?a)([0-9]+(?:\.[0-9]+)?)(d|h|ms|m|s|us|µs|ns)"
_UNIT_S = {"d": 86_400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}


def retry_after_s(headers: Mapping[str, str], now: float, asked: str | None = None) -> float | None:
    """Seconds until the endpoint wants to be asked again; None where it says nothing usable.

    The longest of retry-after-ms, Retry-After and `asked`, which is what the body asks for. Only where none of them is
    there: the longest reset of the kinds of which nothing remains.
    """
    said = [_milliseconds(headers.get("retry-after-ms")), wait_s(headers.get("retry-after"), now), wait_s(asked, now)]
    waits = [wait for wait in said if wait is not None] or _resets_of_the_exhausted(headers, now)
    return max(waits, default=None)


def wait_s(value: str | None, now: float) -> float | None:
    """Seconds that a value asks to wait.

    `6m0s`, `17ms`, `1h2m3.5s`, plain seconds, an epoch in seconds or milliseconds, an HTTP date, RFC 3339.
    None for what is negative, past, not finite, absurdly long or no time at all.
    """
    if value is None or len(value) > MAX_LENGTH:
        return None
    text = value.strip()
    if re.fullmatch(_NUMBER, text):
        return _plausible(_seconds_of_number(float(text), now))
    if re.fullmatch(_DURATION, text):
        return _plausible(sum(float(number) * _UNIT_S[unit] for number, unit in re.findall(_DURATION_PART, text)))
    moment = _moment(text)
    return None if moment is None else _plausible(moment - now)


def until(seconds: float | None, now: float) -> str:
    """The end of a wait, for people: ", until 10:08 UTC (12 min)"; nothing for a short or unknown one."""
    if seconds is None or seconds < SHOWN_FROM_S:
        return ""
    end = datetime.fromtimestamp(now, UTC) + timedelta(seconds=seconds)
    day = "" if seconds < LONGEST_PAUSE_S else f"{end:%Y-%m-%d} "
    return f", until {day}{end:%H:%M} UTC ({_rough(seconds)})"


def to_midnight_pacific_s(now: float) -> float | None:
    """Seconds until Google's quotas by the day begin anew; None where this machine knows no time zones."""
    try:
        there = datetime.fromtimestamp(now, ZoneInfo("America/Los_Angeles"))
    except ZoneInfoNotFoundError:
        return None
    midnight = (there + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.timestamp() - now


def _resets_of_the_exhausted(headers: Mapping[str, str], now: float) -> list[float]:
    """The waits of the kinds of limits (requests, tokens-day, input-tokens, ...) whose remainder is 0."""
    kinds: dict[frozenset[str], dict[str, str]] = {}
    for name, value in headers.items():
        if found := re.search(_LIMIT_HEADER, name.lower()):
            words = frozenset(found[1].split("-"))
            for part in words & {"remaining", "reset"}:
                kinds.setdefault(words - {part}, {})[part] = value
    resets = [wait_s(kind.get("reset"), now) for kind in kinds.values() if _number(kind.get("remaining")) == 0]
    return [wait for wait in resets if wait is not None]


def _rough(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min" if minutes < 48 * 60 else f"{round(minutes / 1440)} days"


def _seconds_of_number(number: float, now: float) -> float:
    if number >= EPOCH_MS:
        return number / 1000 - now
    return number - now if number >= EPOCH_S else number


def _milliseconds(value: str | None) -> float | None:
    number = _number(value)
    return None if number is None else _plausible(number / 1000)


def _number(value: str | None) -> float | None:
    text = "" if value is None or len(value) > MAX_LENGTH else value.strip()
    return float(text) if re.fullmatch(_NUMBER, text) else None


def _moment(text: str) -> float | None:
    """Seconds since the epoch of an RFC 3339 or HTTP date; a date without a zone is in UTC."""
    for parse in (datetime.fromisoformat, _http_date):
        try:
            moment = parse(text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
    return None


def _http_date(text: str) -> datetime:
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - few replies have one, and it loads much

    return parsedate_to_datetime(text)


def _plausible(seconds: float) -> float | None:
    return seconds if isfinite(seconds) and 0 <= seconds <= LONGEST_WAIT_S else None
