"""Fixtures for all rooms: the simulated provider on a real loopback socket."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings

from asyncsynth.servers.simulator import Settings, Simulator, serve

# No deadline: a slow machine is not a broken promise.
hypothesis_settings.register_profile("quick", deadline=None, max_examples=30)
hypothesis_settings.register_profile("slow", deadline=None)


def pytest_configure(config: pytest.Config) -> None:
    hypothesis_settings.load_profile("quick" if config.option.markexpr == "not slow" else "slow")


# Coverage can't write where a process may write little, loads modules of its own, and makes loops slow.
unmeasured = pytest.mark.skipif("COVERAGE_PROCESS_CONFIG" in os.environ, reason="coverage's own part would count")

SimulatorFactory = Callable[..., AbstractAsyncContextManager[Simulator]]


@pytest.fixture
def simulator() -> SimulatorFactory:
    """What starts a simulator for the length of an `async with`.

    Takes the fields of simulator.Settings, and `ledger`, a path. Latency is 0 unless it is given. The block gets
    a Simulator: base_url (ends in /v1) and provider (for provider.stats).
    """

    @asynccontextmanager
    async def start(*, ledger: Path | None = None, latency_s: float = 0.0, **settings: Any) -> AsyncIterator[Simulator]:
        async with serve(Settings(latency_s=latency_s, **settings), ledger=ledger) as running:
            yield running

    return start
