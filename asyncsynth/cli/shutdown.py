"""The first SIGINT or SIGTERM drains the run, the second one cancels it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Shutdown:
    """Turns signals into two stages; both callbacks run inside the event loop."""

    def __init__(self, drain: Callable[[], None], cancel: Callable[[], None]) -> None:
        self._stages = iter((drain, cancel))
        self.requested = False

    def on_signal(self) -> None:
        self.requested = True
        stage = next(self._stages, None)
        if stage is not None:
            stage()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen to SIGNALS on the running loop while the block runs."""
        loop = asyncio.get_running_loop()
        for one in SIGNALS:
            loop.add_signal_handler(one, self.on_signal)
        try:
            yield
        finally:
            for one in SIGNALS:
                loop.remove_signal_handler(one)
