"""The loop of the simulation: a seed gives one order, another seed another, and a hang is seen as one."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tests.simulation.shuffled_loop import Hang, ShuffledLoop
from tests.virtual_clock import Deadlock


def run(main: Callable[[], Coroutine[Any, Any, None]], *, seed: int = 1, shuffle: bool = True) -> None:
    loop = ShuffledLoop(random.Random(seed), start=0.0, deadline=100.0, shuffle=shuffle)
    try:
        loop.run_until_complete(main())
    finally:
        loop.set_exception_handler(lambda _, __: None)  # what still waits is destroyed while it waits
        loop.close()


def order_of_ten(seed: int, *, shuffle: bool = True) -> list[int]:
    order: list[int] = []

    async def note(number: int) -> None:
        order.append(number)

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(10):
                group.create_task(note(number))

    run(main, seed=seed, shuffle=shuffle)
    return order


def test_what_is_ready_together_runs_in_an_order_of_the_seed() -> None:
    assert order_of_ten(1) == order_of_ten(1)
    assert order_of_ten(1) != order_of_ten(2)
    assert sorted(order_of_ten(1)) == order_of_ten(1, shuffle=False) == list(range(10))


def test_waiting_for_what_nothing_will_bring_is_a_deadlock() -> None:
    async def main() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(Deadlock):
        run(main)


def test_running_past_the_deadline_is_a_hang() -> None:
    async def main() -> None:
        while True:
            await asyncio.sleep(30.0)

    with pytest.raises(Hang):
        run(main)
