"""The clock that the other tests stand on."""

from __future__ import annotations

import asyncio

import pytest

from tests.virtual_clock import Deadlock, run


def test_an_hour_passes_at_once_and_exactly() -> None:
    async def main() -> float:
        await asyncio.sleep(3_600)
        return asyncio.get_running_loop().time()

    assert run(main, start=100.0) == pytest.approx(3_700, abs=1e-3)


def test_timers_fire_in_order() -> None:
    async def main() -> list[float]:
        order: list[float] = []

        async def after(seconds: float) -> None:
            await asyncio.sleep(seconds)
            order.append(seconds)

        await asyncio.gather(*(after(seconds) for seconds in (5.0, 1.0, 3.0)))
        return order

    assert run(main) == [1.0, 3.0, 5.0]


def test_the_clock_ticks_even_when_everything_is_ready() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        before = loop.time()
        await asyncio.sleep(0)
        return loop.time() - before

    assert run(main) > 0


def test_waiting_for_nothing_is_a_deadlock() -> None:
    async def main() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Deadlock):
        run(main)
