from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from asyncsynth.provider.waits import LONGEST_WAIT_S, retry_after_s, to_midnight_pacific_s, until, wait_s

NOW = 1_795_342_051.0  # 2026-11-22T10:07:31Z
IN_A_MINUTE = datetime.fromtimestamp(NOW + 60, UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("6m0s", 360.0),
        ("17ms", 0.017),
        ("1h2m3.5s", 3723.5),
        ("59m59.5s", 3599.5),
        ("500us", 0.0005),
        ("500µs", 0.0005),
        ("20s", 20.0),
        ("0s", 0.0),
        ("2d", 172_800.0),
        ("3", 3.0),
        ("0.25", 0.25),
        ("1.", 1.0),
        ("1e2", 100.0),
        (" 7 ", 7.0),
        ("0", 0.0),
        ("+5", 5.0),
        (format_datetime(IN_A_MINUTE, usegmt=True), 60.0),
        ("Sunday, 22-Nov-26 10:08:31 GMT", 60.0),
        (IN_A_MINUTE.isoformat(), 60.0),
        ("2026-11-22T10:08:31Z", 60.0),
        ("2026-11-22T11:08:31+01:00", 60.0),
        ("2026-11-22T10:08:31", 60.0),
        (str(int(NOW) + 60), 60.0),
        (str((int(NOW) + 60) * 1000), 60.0),
        ("7200", 7200.0),
    ],
)
def test_every_form_of_a_time_is_read(value: str, seconds: float) -> None:
    assert wait_s(value, NOW) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "value",
    [
        *("-1", "-0.5", "-1s", "NaN", "nan", "inf", "Infinity", "-inf"),
        *("", " ", "soon", "s", "1x", "1m m", "6m0", "0x10", "1_000", "\x00", "\uff11\uff12"),
        *("9" * 65, "1" * 100_000),
        *("2020-01-01T00:00:00Z", "2026-13-45T99:99:99Z", "0001-01-01T00:00:00+23:59"),
        *("Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 99 Oct 2015 07:28:00 GMT"),
        *(str(int(NOW) - 60), str((int(NOW) - 60) * 1000)),
        *("1e400", "9" * 60, "9999-12-31T23:59:59Z", "500d"),
    ],
)
def test_what_is_no_time_to_come_or_absurdly_long_is_nothing(value: str) -> None:
    assert wait_s(value, NOW) is None


@given(st.text(max_size=80))
@example("0\x1f")  # a blank to str.strip, and none to float
def test_no_header_value_raises_or_gives_an_absurd_wait(value: str) -> None:
    headers = {
        "retry-after": value,
        "retry-after-ms": value,
        "x-ratelimit-remaining": value,
        "x-ratelimit-reset": value,
    }
    waited = retry_after_s(headers, NOW)
    assert waited is None or 0 <= waited <= LONGEST_WAIT_S


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({}, None, id="nothing said"),
        pytest.param({"retry-after-ms": "1500"}, 1.5, id="retry-after-ms"),
        pytest.param({"retry-after-ms": "-5", "retry-after": "2"}, 2.0, id="a negative retry-after-ms gives way"),
        pytest.param({"retry-after": "2", "retry-after-ms": "2500"}, 2.5, id="the longest of both"),
        pytest.param({"retry-after": "3", "retry-after-ms": "2500"}, 3.0, id="the longest of both, the other way"),
        pytest.param(
            {
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": "12ms",
                "x-ratelimit-remaining-tokens": "900",
                "x-ratelimit-reset-tokens": "6m0s",
            },
            0.012,
            id="only the exhausted kind",
        ),
        pytest.param(
            {
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": "12ms",
                "x-ratelimit-remaining-tokens": "0",
                "x-ratelimit-reset-tokens": "6m0s",
            },
            360.0,
            id="both exhausted: the longest",
        ),
        pytest.param({"x-ratelimit-reset-tokens": "6m0s"}, None, id="no word of what remains"),
        pytest.param(
            {"x-ratelimit-remaining-tokens": "-1", "x-ratelimit-reset-tokens": "6m0s"}, None, id="-1 is no limit"
        ),
        pytest.param(
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str((int(NOW) + 9) * 1000)}, 9.0, id="OpenRouter"
        ),
        pytest.param(
            {
                "anthropic-ratelimit-output-tokens-remaining": "0",
                "anthropic-ratelimit-output-tokens-reset": "2026-11-22T10:08:31Z",
                "anthropic-ratelimit-input-tokens-remaining": "900",
                "anthropic-ratelimit-input-tokens-reset": "2026-11-22T10:18:31Z",
            },
            60.0,
            id="Anthropic",
        ),
        pytest.param(
            {
                "x-ratelimit-remaining-requests-day": "0",
                "x-ratelimit-reset-requests-day": "33011.5",
                "x-ratelimit-remaining-requests-minute": "9",
                "x-ratelimit-reset-requests-minute": "12",
            },
            33_011.5,
            id="Cerebras",
        ),
        pytest.param({"RateLimit-Remaining": "0", "RateLimit-Reset": "9"}, 9.0, id="the IETF's"),
        pytest.param({"X-Rate-Limit-Remaining": "0.0", "X-Rate-Limit-Reset": "9"}, 9.0, id="with a hyphen more"),
        pytest.param({"x-ratelimit-reset-tokens": "9", "x-ratelimit-remaining-requests": "0"}, None, id="two kinds"),
    ],
)
def test_the_longest_wait_of_what_is_exhausted_counts(headers: dict[str, str], seconds: float | None) -> None:
    waited = retry_after_s(headers, NOW)
    assert waited is None if seconds is None else waited == pytest.approx(seconds)


RESETS = {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "6m0s"}


@pytest.mark.parametrize(
    ("said", "asked", "seconds"),
    [
        ({"retry-after": "1"}, None, 1.0),
        ({"retry-after-ms": "1000"}, None, 1.0),
        ({"retry-after": "0"}, None, 0.0),
        ({}, "1s", 1.0),
        ({"retry-after": "soon"}, None, 360.0),
        ({"retry-after": "-3"}, None, 360.0),
        ({}, None, 360.0),
    ],
)
def test_who_says_how_long_to_wait_is_believed_before_every_reset(
    said: dict[str, str], asked: str | None, seconds: float
) -> None:
    """A reset tells when the limit is whole again, which may be minutes after the next request would be taken."""
    assert retry_after_s(RESETS | said, NOW, asked) == seconds


def test_what_the_body_asks_for_counts_like_retry_after() -> None:
    assert retry_after_s({}, NOW, "45.8s") == pytest.approx(45.8)
    assert retry_after_s({"retry-after": "60"}, NOW, "45.8s") == 60.0
    assert retry_after_s({}, NOW, "later") is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (59.0, ""),
        (60.0, ", until 10:08 UTC (1 min)"),
        (720.0, ", until 10:19 UTC (12 min)"),
        (3540.0, ", until 11:06 UTC (59 min)"),
        (21_600.0, ", until 2026-11-22 16:07 UTC (6 h 0 min)"),
        (10 * 86_400.0, ", until 2026-12-02 10:07 UTC (10 days)"),
    ],
)
def test_a_long_wait_says_until_when(seconds: float | None, words: str) -> None:
    assert until(seconds, NOW) == words


def test_googles_day_ends_at_midnight_in_california() -> None:
    assert to_midnight_pacific_s(NOW) == 21 * 3600 + 52 * 60 + 29  # 02:07:31 there
