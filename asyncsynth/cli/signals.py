"""The first SIGINT, SIGTERM or SIGHUP drains the run, the second one cancels it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


class Shutdown:
    """Turns signals into two stages; both callbacks run inside the event loop."""

    def __init__(self, drain: Callable[[], None], cancel: Callable[[], None]) -> None:
        self._stages = iter((drain, cancel))

    def on_signal(self) -> None:
        stage = next(self._stages, None)
        if stage is not None:
            stage()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Listen on the running loop while the block runs; a signal that is ignored (nohup) stays so."""
        loop = asyncio.get_running_loop()
        numbers = [getattr(signal, name) for name in SIGNALS if hasattr(signal, name)]
        heard = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]
        for number in heard:
            loop.add_signal_handler(number, self.on_signal)
        try:
            yield
        finally:
            for number in heard:
                loop.remove_signal_handler(number)
