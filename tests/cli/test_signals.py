"""The first signal drains, the second cancels, further ones change nothing."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from asyncsynth.cli.signals import Shutdown


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_real_signals_go_through_the_stages_in_order(number: signal.Signals) -> None:
    stages: list[str] = []
    shutdown = Shutdown(lambda: stages.append("drain"), lambda: stages.append("cancel"))
    before = signal.signal(number, signal.SIG_DFL)  # under nohup a SIGHUP is ignored
    with shutdown.listening():
        for _ in range(3):
            os.kill(os.getpid(), number)
            await asyncio.sleep(0.01)
    signal.signal(number, before)
    assert stages == ["drain", "cancel"]


async def test_signals_are_python_s_own_again_afterwards() -> None:
    with Shutdown(lambda: None, lambda: None).listening():
        pass
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


async def test_a_signal_that_is_ignored_as_under_nohup_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    stages: list[str] = []
    try:
        with Shutdown(lambda: stages.append("drain"), lambda: None).listening():
            os.kill(os.getpid(), signal.SIGHUP)
            await asyncio.sleep(0.01)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert stages == []
