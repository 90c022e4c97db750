"""Works a run on an event loop of its own, with signals and a display around it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from asyncsynth.app.run import Run, interrupted
from asyncsynth.cli.display import Display, keep_showing
from asyncsynth.cli.signals import Shutdown
from asyncsynth.cli.troubles import Troubles
from asyncsynth.event_loop import loop_factory
from asyncsynth.text import count
from asyncsynth.values import End, Fault


class Listening:
    """Passes on what happens to the display and to whoever shows samples."""

    def __init__(self, display: Display, clock: Callable[[], float], show: Callable[[End], None]) -> None:
        self.on_end = show
        self._display = display
        self._troubles = Troubles(display, clock)

    def on_trouble(self, fault: Fault) -> None:
        self._troubles.on_fault(fault)

    def on_note(self, words: str) -> None:
        self._display.note(words)


def work(run: Run, display: Display, show: Callable[[End], None]) -> None:
    """Make all that is missing, on uvloop where it is there.

    Raises the AsyncsynthError that ended the run early.
    """
    try:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(_work(run, display, show))
    except KeyboardInterrupt:
        # Before or after the time in which Shutdown listens nothing is under way.
        raise interrupted(run.outcome().tally) from None


async def _work(run: Run, display: Display, show: Callable[[End], None]) -> None:
    clock = asyncio.get_running_loop().time

    def drain() -> None:
        run.drain()
        if run.in_flight:
            display.note(f"finishing {count(run.in_flight, 'call')}; again to cut them off")

    with Shutdown(drain, run.cancel).listening():
        showing = asyncio.create_task(keep_showing(display, run.progress))
        try:
            await run.make(Listening(display, clock, show), clock)
        finally:
            showing.cancel()
            await asyncio.wait([showing])
