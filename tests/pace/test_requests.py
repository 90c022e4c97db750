"""Requests per minute in their exact form (promise 7); test_pacing has the whole."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from asyncsynth.pace.requests import SHARE, RequestLimit
from tests.virtual_clock import run


def now() -> float:
    return asyncio.get_running_loop().time()


async def send_times(limit: RequestLimit, seconds: float) -> list[float]:
    """When a client that always has more to send sends."""
    times, end = [], now() + seconds
    while now() < end:
        if (wait := limit.wait(now())) > 0:
            await asyncio.sleep(wait)
            continue
        limit.take(now())
        times.append(now())
    return times


def most_in_any_window(times: list[float], window_s: float) -> int:
    most = first = 0
    for last, at in enumerate(times):
        while at - times[first] >= window_s:
            first += 1
        most = max(most, last - first + 1)
    return most


@pytest.mark.parametrize("per_minute", [1, 2, 3, 7, 10, 20, 59, 60, 61, 100, 600, 997, 6_000])
def test_no_sliding_60_s_sees_more_than_the_limit_and_99_percent_are_used(per_minute: int) -> None:
    minutes = 4 if per_minute > 1_000 else 20

    async def main() -> list[float]:
        return await send_times(RequestLimit(per_minute, now()), 60.0 * minutes)

    times = run(main)
    assert most_in_any_window(times, 60.4) <= per_minute
    assert len(times) >= 0.99 * per_minute * minutes - 0.5


@pytest.mark.parametrize("per_minute", [1, 60, 600])
def test_sends_are_spread_not_let_out_at_once(per_minute: int) -> None:
    async def main() -> list[float]:
        return await send_times(RequestLimit(per_minute, now()), 60.0)

    assert most_in_any_window(run(main), 1.0) <= 1 + per_minute * (1 / 60 + 1 / 600)


@pytest.mark.parametrize("per_minute", [10, 60, 600])
def test_sends_keep_an_even_pace_without_stalls(per_minute: int) -> None:
    async def main() -> list[float]:
        return await send_times(RequestLimit(per_minute, now()), 300.0)

    gaps = [after - before for before, after in pairwise(run(main))]
    assert max(gaps) <= 1.001 * 60 / (SHARE * per_minute)


def test_a_loop_that_wakes_late_loses_nothing() -> None:
    async def main() -> int:
        limit, sent, end = RequestLimit(6_000, now()), 0, 60.0
        while now() < end:
            while limit.wait(now()) == 0.0:
                limit.take(now())
                sent += 1
            await asyncio.sleep(0.08)
        return sent

    assert run(main) >= 0.99 * 6_000


@pytest.mark.parametrize("per_minute", [1, 60, 600])
def test_sends_of_an_earlier_run_count(per_minute: int) -> None:
    async def main() -> list[float]:
        before = await send_times(RequestLimit(per_minute, now()), 90.0)
        return before + await send_times(RequestLimit(per_minute, now(), before), 90.0)

    assert most_in_any_window(run(main), 60.4) <= per_minute


def test_a_restart_is_no_reason_for_a_burst() -> None:
    async def main() -> float:
        return RequestLimit(60, now(), [now()]).wait(now())

    assert run(main) == pytest.approx(0.9 / (SHARE * 60 / 60), abs=0.01)


def test_more_sends_of_an_earlier_run_than_the_limit_are_waited_out() -> None:
    async def main() -> list[float]:
        before = [number / 10 - 60 for number in range(600)]
        return await send_times(RequestLimit(60, now(), before), 120.0)

    assert run(main)[0] >= 54.0


def test_a_lower_limit_in_the_headers_holds_for_the_window_that_is_running() -> None:
    async def main() -> list[float]:
        limit = RequestLimit(600, now())
        times = await send_times(limit, 6.0)
        limit.observe(60, None, now())
        return times + await send_times(limit, 300.0)

    times = run(main)
    late = [at for at in times if at > 6.5]
    assert late[0] >= 60.0
    assert most_in_any_window(late, 60.4) <= 60
    assert len(late) >= 0.98 * 60 * (306 - late[0]) / 60


def test_what_somebody_else_used_is_used() -> None:
    async def main() -> float:
        limit = RequestLimit(60, now())
        limit.observe(60, 0, now())
        return limit.wait(now())

    assert run(main) == pytest.approx(60.4, abs=0.1)


def test_a_bucket_smaller_than_a_minute_at_the_provider_costs_nothing() -> None:
    """A provider with a bucket of 10 s never has more than a sixth remaining; that is no use by somebody else."""

    async def main() -> float:
        limit = RequestLimit(60, now())
        limit.observe(60, 10, now())
        return limit.wait(now())

    assert run(main) == 0.0


def test_half_speed_is_half_as_many_requests() -> None:
    async def main() -> int:
        limit = RequestLimit(600, now())
        limit.scale(0.5, now())
        return len(await send_times(limit, 60.0))

    assert run(main) == pytest.approx(300, abs=6)
