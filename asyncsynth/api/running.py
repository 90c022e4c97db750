"""Runs in scripts: to the end (`run`), beside your code (`start`), or in your own event loop (`start_async`)."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from os import PathLike
from types import TracebackType
from typing import Any, Self

from asyncsynth.api.notebook import notebook_display
from asyncsynth.api.recipe import Recipe
from asyncsynth.api.result import Result
from asyncsynth.api.work import Work
from asyncsynth.app.progress import Progress
from asyncsynth.errors import UsageError
from asyncsynth.event_loop import loop_factory

LOOK_S = 0.25  # between two looks of somebody who waits


class Running:
    """A run on a thread of its own. Iterate over it for the records that it makes, as they are committed.

    Leaving the `with` block drains: nothing new is sent, and what is under way is kept; `wait` lets it work to the end.
    """

    def __init__(self, recipe: Recipe, output: str | PathLike[str] | None, *, accept_changes: bool) -> None:
        self._work = Work(recipe, output, accept_changes=accept_changes)
        self._work.on_news = self._on_news
        self._news = threading.Condition()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._main, name="asyncsynth", daemon=True)
        self._begun = threading.Event()
        self._process = os.getpid()
        self._ended = threading.Event()  # Thread.join must not be interrupted: it takes the thread for ended then
        self._thread.start()
        self._begun.wait()

    @property
    def progress(self) -> Progress | None:
        """One look: counts, rates, money, the use of the limits; None before the first call can be sent."""
        return self._work.run.progress()

    @property
    def done(self) -> bool:
        """Whether the run has ended."""
        return self._ended.is_set()

    def drain(self) -> None:
        """Send nothing new; what is under way ends and is kept."""
        self._in_loop(self._work.run.drain)

    def cancel(self) -> None:
        """Cut off the calls under way, too; what has arrived is kept."""
        self._in_loop(self._work.run.cancel)

    def wait(self, timeout: float | None = None) -> Result | None:
        """The result, when the run has ended; None where it has not within `timeout` seconds.

        Raises the error that ended it, but for the spend cap, quality.stop_when and an interruption.
        """
        self._check_process()
        return self._work.result() if self._ended.wait(timeout) else None

    def __iter__(self) -> Iterator[dict[str, Any]]:
        self._check_process()
        while True:
            done = self.done
            while (record := self._work.committed.next()) is not None:
                yield record
            if done:
                return
            with self._news:
                self._news.wait(LOOK_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if os.getpid() != self._process:  # a fork that leaves the block has no run to end
            return
        self.drain()
        self._ended.wait()
        if error is None:
            self._work.result()

    def _check_process(self) -> None:
        if os.getpid() != self._process:
            raise UsageError("the run works in another process", hint="wait for it where it was started")

    def _main(self) -> None:
        try:
            with asyncio.Runner(loop_factory=loop_factory()) as runner:
                self._loop = runner.get_loop()
                self._begun.set()
                runner.run(self._work.work())
        finally:
            self._ended.set()
            self._on_news()

    def _on_news(self) -> None:
        with self._news:
            self._news.notify_all()

    def _in_loop(self, command: Callable[[], None]) -> None:
        loop = self._loop
        if loop is not None and not self.done:
            try:
                loop.call_soon_threadsafe(command)
            except RuntimeError:  # it has just ended
                return


class RunningAsync:
    """A run in the event loop that is running. Iterate over it for the records that it makes, as they are committed."""

    def __init__(self, recipe: Recipe, output: str | PathLike[str] | None, *, accept_changes: bool) -> None:
        self._given = recipe, output, accept_changes
        self._work: Work | None = None
        self._task: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    @property
    def progress(self) -> Progress | None:
        """As Running.progress."""
        return None if self._work is None else self._work.run.progress()

    def drain(self) -> None:
        """Send nothing new; what is under way ends and is kept."""
        if self._work is not None:
            self._work.run.drain()

    async def wait(self) -> Result:
        """As Running.wait."""
        work, task = self._entered()
        await asyncio.wait([task])
        return work.result()

    async def __aenter__(self) -> Self:
        recipe, output, accept_changes = self._given
        pool = ThreadPoolExecutor(1, "asyncsynth")
        opening = pool.submit(Work, recipe, output, accept_changes=accept_changes)
        pool.shutdown(wait=False)
        try:
            self._work = await asyncio.wrap_future(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_give_back)  # a thread can't be stopped
            raise
        self._work.on_news = self._news.set
        self._task = asyncio.create_task(self._work.work(), name="asyncsynth")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.drain()
        if self._task is not None and self._work is not None:
            await self._ended(self._work, self._task)
            if error is None:
                self._work.result()

    async def _ended(self, work: Work, task: asyncio.Task[None]) -> None:
        """Whoever is cancelled once more while it drains cuts the calls off, and goes when everything is kept."""
        cancelled: asyncio.CancelledError | None = None
        while not task.done():
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError as error:
                work.run.cancel()
                cancelled = error
        if cancelled is not None:
            raise cancelled

    async def __aiter__(self) -> AsyncIterator[dict[str, Any]]:
        work, task = self._entered()
        while True:
            self._news.clear()
            done = task.done()
            while (record := work.committed.next()) is not None:
                yield record
                await asyncio.sleep(0)  # a reader that never waits must not hold up the run
            if done:
                return
            waiting = asyncio.ensure_future(self._news.wait())
            await asyncio.wait([waiting, task], return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()

    def _entered(self) -> tuple[Work, asyncio.Task[None]]:
        if self._work is None or self._task is None:
            raise UsageError("the run has not begun", hint="enter its block first: async with start_async(...) as run")
        return self._work, self._task


def _give_back(opening: Future[Work]) -> None:
    """Nobody waits for this run any more: its directory is free again."""
    if not opening.cancelled() and opening.exception() is None:
        opening.result().run.close()


def run(recipe: Recipe, output: str | PathLike[str] | None = None, *, accept_changes: bool = False) -> Result:
    """Make everything that is missing, and return what came of it. In a notebook it shows how far it is.

    Ctrl-C (a notebook's stop button) drains: what is under way is kept, and the result says what is missing; a second
    one cuts the calls off. Works beside a running event loop. Raises UsageError, EndpointStopped, StoreError.
    """
    running = Running(recipe, output, accept_changes=accept_changes)
    display = notebook_display()
    stop = iter((running.drain, running.cancel))
    while True:
        try:
            while (result := running.wait(LOOK_S)) is None:
                display.show(running.progress)
        except KeyboardInterrupt:
            next(stop, running.cancel)()
        else:
            display.end(result)
            return result


def start(recipe: Recipe, output: str | PathLike[str] | None = None, *, accept_changes: bool = False) -> Running:
    """Begin a run beside your code; use it in a `with` block."""
    return Running(recipe, output, accept_changes=accept_changes)


def start_async(
    recipe: Recipe, output: str | PathLike[str] | None = None, *, accept_changes: bool = False
) -> RunningAsync:
    """A run in your own event loop; use it in an `async with` block."""
    return RunningAsync(recipe, output, accept_changes=accept_changes)
