"""How a run is put together: what earlier runs sent and spent counts, and how many calls go at a time."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from asyncsynth.app.job import Job
from asyncsynth.app.outside import Outside
from asyncsynth.app.run import open_run
from asyncsynth.app.status import status
from asyncsynth.app.target import Target
from asyncsynth.app.wiring import calls_at_once
from asyncsynth.errors import SpendCapReached
from asyncsynth.values import Answer, Reply, Request, Usage
from tests import virtual_clock
from tests.app.jobs import Ears, job


class AtOnce:
    """An endpoint that answers in no time, and remembers when."""

    def __init__(self) -> None:
        self.sent_at = list[float]()

    async def send(self, request: Request) -> Reply:
        self.sent_at.append(asyncio.get_running_loop().time())
        return Reply(Answer("text", "stop", Usage(40, 60), "m", b"{}"), b"{}", 0.0)


def outside(endpoint: AtOnce, epoch: float) -> Outside:
    @asynccontextmanager
    async def opened(target: Target, calls: int, *, keep_truncated: bool) -> AsyncIterator[AtOnce]:
        yield endpoint

    async def at_once(work: Any) -> None:
        work()

    loop = asyncio.get_running_loop()
    return Outside(now=lambda: epoch + loop.time(), rng=random.Random(1), sync=at_once, endpoint=opened)


def make(work: Job, endpoint: AtOnce, *, epoch: float) -> float:
    """A run to its end on a clock of its own; returns how long it took."""

    async def main() -> float:
        with open_run(work, outside=outside(endpoint, epoch)) as opened:
            await opened.make(Ears(), asyncio.get_running_loop().time)
        return asyncio.get_running_loop().time()

    return virtual_clock.run(main)


def test_a_run_that_follows_at_once_keeps_the_limits_of_the_minute_before(tmp_path: Path) -> None:
    limits: dict[str, Any] = {"limits": {"concurrency": 8, "requests_per_minute": 60}}
    first, second = AtOnce(), AtOnce()
    took = make(job(tmp_path, combinations={"repeats": 5}, **limits), first, epoch=1000.0)
    make(job(tmp_path, combinations={"repeats": 10}, **limits), second, epoch=1000.0 + took)
    sent = sorted([*first.sent_at, *(took + at for at in second.sent_at)])
    assert len(sent) == 60
    for begin in sent:
        assert sum(begin <= at < begin + 60.0 for at in sent) <= 60


def test_what_earlier_runs_spent_counts_against_the_cap(tmp_path: Path) -> None:
    make(job(tmp_path), AtOnce(), epoch=1000.0)
    spent = status(tmp_path).totals.paid.picodollars / 1e12
    more = job(tmp_path, combinations={"repeats": 2}, limits={"concurrency": 1, "max_cost_usd": 2 * spent})
    endpoint = AtOnce()
    with pytest.raises(SpendCapReached):
        make(more, endpoint, epoch=2000.0)
    assert 0 < len(endpoint.sent_at) < 6
    assert status(tmp_path).totals.paid.picodollars / 1e12 <= 2 * spent


def test_auto_is_the_most_calls_that_are_given_and_a_number_is_a_number() -> None:
    assert calls_at_once(["auto", 3], 512, pytest.fail) == [512, 3]


def test_fewer_calls_than_were_asked_for_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asyncsynth.app.wiring.room_for", lambda calls: [one // 4 for one in calls])
    told = list[str]()
    assert calls_at_once([200, 40], 512, told.append) == [50, 10]
    assert told[0].startswith("60 calls at a time, not 240: ")


def test_looking_at_a_directory_does_not_wait_for_what_only_a_run_needs() -> None:
    """`status` and `drop` take a part of the outside, and must not load an HTTP client for that."""
    code = "import sys, asyncsynth.app.status, asyncsynth.app.drop, asyncsynth.app.retry, asyncsynth.app.plan; "
    loaded = subprocess.run(
        [sys.executable, "-c", code + "print('aiohttp' in sys.modules)"], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "False"
