"""Promise 3, where the process is stopped for longer than a call may take: what arrived is read, not bought again."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable

import pytest

from tests.cli.conftest import House
from tests.conftest import SimulatorFactory
from tests.patience import LONGEST_S
from tests.promises.conftest import complete

pytestmark = pytest.mark.slow

SLOTS = 16
LATENCY_S, TIMEOUT_S = 3.0, 10.0  # so far apart that a busy machine makes no call of the first into one of the second


@pytest.mark.parametrize("stopped_s", [TIMEOUT_S + 1.0, 2 * TIMEOUT_S])
async def test_answers_that_came_while_the_process_was_stopped_are_kept(
    house: House, simulator: SimulatorFactory, options: Callable[..., list[str]], stopped_s: float
) -> None:
    async with simulator(latency_s=LATENCY_S, latency_sigma=0.0) as simulated:
        stats = simulated.provider.stats
        once = options(simulated, "--set", f"endpoint.timeout_s={TIMEOUT_S}")
        process = house.start("run", "--limit", str(2 * SLOTS), "--concurrency", str(SLOTS), *once)
        until = time.monotonic() + LONGEST_S
        while stats.in_flight < SLOTS:
            assert time.monotonic() < until
            await asyncio.sleep(0.01)
        os.kill(process.pid, signal.SIGSTOP)
        while stats.in_flight:  # until all that was asked waits in the sockets
            await asyncio.sleep(0.01)
        await asyncio.sleep(stopped_s)
        os.kill(process.pid, signal.SIGCONT)
        _, err = await asyncio.to_thread(process.communicate)
        assert process.returncode == 0, err
        assert stats.calls == 2 * SLOTS, "answers that were there were bought again"
    assert len(complete(house.folder / "out")) == 2 * SLOTS
    assert not [line for line in house.manifest() if line["type"] == "fault"]
