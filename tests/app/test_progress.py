"""What a run under way says of itself."""

from __future__ import annotations

from msgspec.structs import replace

from asyncsynth.app.progress import Progress, sentence

PROGRESS = Progress(
    done=64,
    total=256,
    elapsed_s=8.0,
    samples_per_s=8.0,
    tokens_per_s=1700.4,
    cost_usd=0.01234,
    cap_usd=5.0,
    left_s=24.0,
    requests_used=0.97,
    tokens_used=None,
    in_flight=8,
    concurrency=8,
    retries=2,
    failed=1,
    truncated=0,
    near_duplicates=None,
    opening=None,
    waiting_for="",
)


def test_the_sentence_has_rates_money_cap_limits_retries_and_failures() -> None:
    assert sentence(PROGRESS) == (
        "8.0/s, 1700 tok/s, $0.0123 of $5.00, left 0:24, rpm 97%, 8 in flight, 2 retries, 1 failed"
    )


def test_the_sentence_counts_answers_that_were_cut_off_and_says_why_nobody_sends() -> None:
    told = sentence(replace(PROGRESS, truncated=38, waiting_for="rate limit reached"))
    assert told.endswith("1 failed, 38 truncated, rate limit reached")
