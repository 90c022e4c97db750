from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from asyncsynth.provider.headers import MAX_WAIT_S, rate_hints, retry_after_s, should_retry, wait_s
from asyncsynth.values import RateHints

NOW = 1_795_342_051.0  # 2026-11-22T10:07:31Z
IN_A_MINUTE = datetime.fromtimestamp(NOW + 60, UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("6m0s", 360.0),
        ("17ms", 0.017),
        ("1h2m3.5s", MAX_WAIT_S),
        ("59m59.5s", 3599.5),
        ("500us", 0.0005),
        ("500µs", 0.0005),
        ("20s", 20.0),
        ("0s", 0.0),
        ("2d", MAX_WAIT_S),
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
        ("7200", MAX_WAIT_S),
        ("1e400", MAX_WAIT_S),
        ("9" * 60, MAX_WAIT_S),
        ("9999-12-31T23:59:59Z", MAX_WAIT_S),
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
    ],
)
def test_what_is_no_time_to_come_is_nothing(value: str) -> None:
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
    assert waited is None or 0 <= waited <= MAX_WAIT_S
    rate_hints(dict.fromkeys(("x-ratelimit-limit-requests", "x-ratelimit-remaining-tokens"), value))


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
                "retry-after": "8",
            },
            60.0,
            id="Anthropic",
        ),
    ],
)
def test_the_longest_wait_of_what_is_exhausted_counts(headers: dict[str, str], seconds: float | None) -> None:
    waited = retry_after_s(headers, NOW)
    assert waited is None if seconds is None else waited == pytest.approx(seconds)


def test_limits_and_what_is_left_of_them_become_hints() -> None:
    openai = {
        "x-ratelimit-limit-requests": "500",
        "x-ratelimit-limit-tokens": "200000",
        "x-ratelimit-remaining-requests": "499",
        "x-ratelimit-remaining-tokens": "199000",
    }
    anthropic = {"anthropic-ratelimit-requests-limit": "50", "anthropic-ratelimit-tokens-remaining": "0"}
    assert rate_hints(openai) == RateHints(500, 200_000, 499, 199_000)
    assert rate_hints(anthropic) == RateHints(50, None, None, 0)


@pytest.mark.parametrize("value", ["-1", "NaN", "inf", "many", "", "1e300", "9" * 65])
def test_an_absurd_limit_is_no_hint(value: str) -> None:
    assert rate_hints({"x-ratelimit-limit-requests": value}) is None


def test_headers_that_say_nothing_of_limits_make_no_hints() -> None:
    assert rate_hints({"content-type": "application/json"}) is None


def test_should_retry_is_true_false_or_nothing() -> None:
    said = [should_retry({"x-should-retry": value}) for value in ("true", " False ", "maybe", "")]
    assert said == [True, False, None, None]
    assert should_retry({}) is None
