"""The one coroutine that touches the files during a run: what waits is written in batches, synced in groups."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from asyncsynth.errors import StoreTakenAway, StoreWriteFailed
from asyncsynth.store import manifest
from asyncsynth.store.answers import StoredAnswer, stored
from asyncsynth.store.commit import Batch
from asyncsynth.store.dead_letter import dead_letter
from asyncsynth.store.funnel import Passage
from asyncsynth.store.groups import GROUP
from asyncsynth.store.raw import raw_line
from asyncsynth.store.rendered import answer_lines, course_lines, dead_letter_lines, step_answer_lines
from asyncsynth.store.store import Store
from asyncsynth.store.views import Lines
from asyncsynth.values import Answered, Call, End, Failed, Finished, GivenUp, RawCall, Rejected

GROUP_S = 0.2  # a group is synced after this time, or when it has GROUP answers

Sync = Callable[[Callable[[], None]], Awaitable[None]]


async def sync_in_thread(work: Callable[[], None]) -> None:
    """Runs a blocking sync beside the event loop."""
    await asyncio.get_running_loop().run_in_executor(None, work)


class Writer:
    """Workers hand over what happens (`started`, `failed`, `answered`, `given_up`); `written` returns when all that was
    handed over before is in the files by write(). Whoever waits for it before a send keeps two promises at once: the
    call is noted, and so is the end of every call whose slot it may have.

    To be made and used inside one running loop.
    """

    def __init__(self, store: Store, *, raw_log: bool, sync: Sync = sync_in_thread) -> None:
        if raw_log:
            store.keep_raw()
        self.keeps_raw = raw_log
        self._store, self._committer, self._sync = store, store.committer, sync
        self._loop = asyncio.get_running_loop()
        self._batch = Batch()
        self._ends: list[End] = []  # in the batch
        self._on_end: Callable[[End], None] | None = None
        self._waiters: list[asyncio.Future[None]] = []
        self._wake: asyncio.Future[None] | None = None  # what run() waits for, while it waits
        self._closed: asyncio.Future[None] | None = None  # what close() waits for
        self._syncing: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._due = False
        self._failure: StoreWriteFailed | None = None
        self._taken_away = False  # the files are not where they belong: what is under way is kept, nothing begins

    async def written(self) -> None:
        """Raises StoreWriteFailed where that can't be, as all the others do from then on: then send nothing."""
        if self._failure is not None:
            raise _again(self._failure)
        if self._batch.empty:
            return
        waiter = self._loop.create_future()  # one for each: cancelling it must not cancel the others
        self._waiters.append(waiter)
        await waiter

    def started(self, call: Call) -> None:
        """An attempt, before it is sent. Raises StoreTakenAway too; then let what is under way end, and close."""
        if self._failure is not None:
            raise _again(self._failure)
        if self._taken_away:
            raise StoreTakenAway(f"{self._store.directory} was taken away while the run worked")
        self._batch.calls.append(call)
        if self._wake is not None:
            self._wake_up()

    def failed(self, failed: Failed, raw: RawCall | None = None) -> None:
        """An attempt's end without an answer."""
        if self._failure is not None:
            raise _again(self._failure)
        self._batch.lines.append(manifest.fault(failed))
        if raw is not None and self.keeps_raw:
            self._batch.raw.append(raw_line(raw))
        self._wake_up()

    def answered(self, answered: Answered, raw: RawCall | None = None) -> StoredAnswer:
        """A request's answer, as it is kept, and the records that it makes; one that makes none is a step's.

        ValueError, once it is written, for a key that has one.
        """
        if self._failure is not None:
            raise _again(self._failure)
        line, answer, facts = stored(answered, self._committer.state.run)
        batch = self._batch
        batch.answers.append(line)
        batch.facts.append(facts)
        if answered.rows:
            batch.views.append(answer_lines(answer, answered.rows))
        else:
            batch.views.append(step_answer_lines(answered.request.step))
        self._ends.append(answered)
        if raw is not None and self.keeps_raw:
            batch.raw.append(raw_line(raw))
        if self._wake is not None:
            self._wake_up()
        return answer

    def rejected(self, step: str, gate: str) -> None:
        """An answer of this step, handed over before, is of no use by this gate."""
        if self._failure is not None:
            raise _again(self._failure)
        self._batch.views.append(Lines(passages=(Passage(step, "rejected", gate),)))
        self._wake_up()

    def ended(self, end: Finished | Rejected | GivenUp) -> None:
        """The end of a sample of several steps, whose answers or dead letter were handed over before."""
        if self._failure is not None:
            raise _again(self._failure)
        if isinstance(end, GivenUp):
            self._batch.views.append(dead_letter_lines(dead_letter(manifest.dead(end), ""), end.rows, end.step))
        else:
            self._batch.views.append(course_lines(end))
        self._ends.append(end)
        if self._wake is not None:
            self._wake_up()

    def given_up(self, given_up: GivenUp) -> None:
        """A sample's dead letter."""
        if self._failure is not None:
            raise _again(self._failure)
        line = manifest.dead(given_up)
        self._batch.lines.append(line)
        self._batch.views.append(dead_letter_lines(dead_letter(line, ""), given_up.rows, given_up.step))
        self._ends.append(given_up)
        self._wake_up()

    async def close(self) -> None:
        """Writes and syncs everything and lets run() return. Raises StoreWriteFailed."""
        if self._failure is not None:
            raise _again(self._failure)
        self._closed = self._loop.create_future()
        self._wake_up()
        await self._closed

    async def run(self, on_end: Callable[[End], None] | None = None) -> None:
        """Works until `close`. Raises StoreWriteFailed, and so does everybody who waits then or comes later.

        `on_end` hears of each sample's end when that is in the files. Cancelled, it still writes what was handed to it.
        """
        self._on_end = on_end
        try:
            while self._closed is None:
                await self._work()
                self._write()
                self._advance_sync()
            await self._finish(self._closed)
        except StoreWriteFailed as error:
            self._failure = error
            raise
        except asyncio.CancelledError:
            self._write()
            raise
        finally:
            self._stop()

    async def _work(self) -> None:
        """Returns when there is something to write, to sync or to end; one wake-up a batch."""
        if not self._batch.empty or self._closed or self._sync_is_due() or (self._syncing and self._syncing.done()):
            return
        self._wake = self._loop.create_future()
        await self._wake

    def _wake_up(self) -> None:
        wake, self._wake = self._wake, None
        if wake is not None and not wake.done():
            wake.set_result(None)

    def _write(self) -> None:
        if self._batch.empty:
            return
        self._committer.write(self._batch)
        waiters, self._waiters, self._batch = self._waiters, [], Batch()
        ends, self._ends = self._ends, []
        for waiter in waiters:
            if not waiter.done():  # a waiter that was cancelled
                waiter.set_result(None)
        if self._on_end is not None:
            for end in ends:
                self._on_end(end)

    def _sync_is_due(self) -> bool:
        return self._syncing is None and (self._due or self._committer.unsynced >= GROUP)

    def _advance_sync(self) -> None:
        """Ends a sync that is done, begins one that is due, else sees to it that one will be."""
        if self._syncing is not None and self._syncing.done():
            done, self._syncing = self._syncing, None
            done.result()
            self._committer.end_sync()
            self._taken_away = self._taken_away or self._store.taken_away()
        if self._sync_is_due():
            self._cancel_timer()
            self._committer.begin_sync()
            self._syncing = asyncio.ensure_future(self._sync(self._committer.sync))
            self._syncing.add_done_callback(self._sync_ended)
        elif self._committer.dirty and self._timer is None:
            self._timer = self._loop.call_later(GROUP_S, self._timer_ended)

    def _sync_ended(self, sync: asyncio.Future[None]) -> None:
        if not sync.cancelled():
            sync.exception()  # marks it as seen, should run() end before it asks
        self._wake_up()

    def _timer_ended(self) -> None:
        self._timer, self._due = None, True
        self._wake_up()

    def _cancel_timer(self) -> None:
        self._due = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def _finish(self, closed: asyncio.Future[None]) -> None:
        self._write()
        self._cancel_timer()
        if self._syncing is not None:
            await self._syncing
            self._committer.end_sync()
        await self._sync(self._committer.flush)
        await self._sync(self._store.tell_if_taken_away)
        if not closed.done():
            closed.set_result(None)

    def _stop(self) -> None:
        self._cancel_timer()
        self._failure = self._failure or StoreWriteFailed("the writer has ended; nothing more is written")
        waiters = [*self._waiters, self._closed] if self._closed else self._waiters
        self._waiters = []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_exception(_again(self._failure))


def _again(failure: StoreWriteFailed) -> StoreWriteFailed:
    """An exception of its own for each who hears of the failure."""
    return type(failure)(failure.message, failure.hint)
