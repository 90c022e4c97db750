"""What a person reads while a run works."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from asyncsynth.cli.progress import Lines, Progress, duration, keep_showing, money, sentence

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
    waiting_for="",
)


@pytest.mark.parametrize(
    ("usd", "shown"),
    [(None, "price unknown"), (0, "$0.00"), (0.01234, "$0.0123"), (1.5, "$1.50"), (1234.5, "$1234.50")],
)
def test_money_is_shown_and_an_unknown_price_is_never_zero(usd: float | None, shown: str) -> None:
    assert money(usd) == shown


@pytest.mark.parametrize(("seconds", "shown"), [(None, "-"), (3, "0:03"), (123.4, "2:03"), (3723, "1:02:03")])
def test_a_duration_is_shown(seconds: float | None, shown: str) -> None:
    assert duration(seconds) == shown


def test_the_sentence_has_rates_money_cap_limits_retries_and_failures() -> None:
    assert sentence(PROGRESS) == (
        "8.0/s, 1700 tok/s, $0.0123 of $5.00, left 0:24, rpm 97%, 8 in flight, 2 retries, 1 failed"
    )


class Recorder:
    """A logger that keeps what it is told."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, dict[str, Any]]] = []

    def info(self, event: str, **facts: Any) -> None:
        self.lines.append((event, facts))

    warning = info


def test_a_log_line_has_every_known_figure_and_no_unknown_one() -> None:
    logger = Recorder()
    Lines(lambda: logger).show(PROGRESS)
    ((event, facts),) = logger.lines
    assert event == "progress"
    assert facts["done"] == 64
    assert facts["cost_usd"] == 0.0123
    assert "tokens_used" not in facts


def test_structlog_is_not_loaded_before_the_first_log_line() -> None:
    calls: list[Recorder] = []

    def logger() -> Recorder:
        calls.append(Recorder())
        return calls[-1]

    lines = Lines(logger)
    with lines.shown():
        assert calls == []
        lines.note("fault")
        lines.show(PROGRESS)
    assert [event for event, _ in calls[0].lines] == ["fault", "progress"]
    assert len(calls) == 1


class Screen:
    """A display that keeps what it is shown."""

    seconds = 60.0

    def __init__(self) -> None:
        self.looks: list[Progress] = []

    def show(self, progress: Progress) -> None:
        self.looks.append(progress)

    def note(self, event: str, **facts: Any) -> None:
        raise AssertionError(event, facts)

    @contextmanager
    def shown(self) -> Iterator[None]:
        yield


async def test_the_last_look_is_shown_when_the_run_ends() -> None:
    screen = Screen()
    showing = asyncio.create_task(keep_showing(screen, lambda: PROGRESS))
    await asyncio.sleep(0)
    showing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await showing
    assert screen.looks == [PROGRESS]
