"""What is still to be made, handed out to workers by lane: what is released first, then what goes on, then new things.

What waits is handed out again when it is released; or one by one when nobody is at work any more who could bring the
release. What is parked only comes back when it is released.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class _Lane(Generic[T]):
    """What waits for the workers of a lane, and the workers that wait for it."""

    __slots__ = ("going_on", "new", "released", "takers")

    def __init__(self) -> None:
        self.new: deque[T] = deque()
        self.going_on: deque[T] = deque()
        self.released: deque[T] = deque()
        self.takers: deque[asyncio.Future[T | None]] = deque()

    def __len__(self) -> int:
        return len(self.new) + len(self.going_on) + len(self.released)

    def let_go(self) -> None:
        """There is nothing for those that wait, and there won't be."""
        while self.takers:
            if not (taker := self.takers.popleft()).done():  # else cancelled
                taker.set_result(None)


class Backlog(Generic[T]):
    """`room` new things at most, in all lanes together, and none while as many go on; whoever puts more waits until
    half of them are taken: one wake-up for many. `lane_of` tells the number of a thing's lane.

    A thing is taken when its worker has it in hand. So, however many workers wait, at most `room` are woken at a time:
    the first have sent their requests before those of the last are made.
    """

    ENDLESS = 1 << 40  # asleep: nothing new is wanted before one of the things has its end

    def __init__(self, room: int, lanes: int = 1, lane_of: Callable[[T], int] = lambda _: 0) -> None:
        self._room, self._half_of_room = room, room // 2
        self._lanes = [_Lane[T]() for _ in range(lanes)]
        self._lane_of = lane_of
        self._waiting: deque[T] = deque()
        self.parked: deque[T] = deque()
        self.new = 0  # things that are to be handed out
        self._asleep = 0
        self._going_on = 0
        self._half_empty = asyncio.Event()
        self._putting = False  # somebody has more, and no room for it
        self._on_their_way = 0  # things handed to workers that have not had their turn since
        self._at_work = 0
        self._closed = False  # nothing new comes any more
        self._stopped = False

    @property
    def has_new(self) -> bool:
        return self.new + self._going_on > 0

    @property
    def asleep(self) -> int:
        """Things elsewhere that wait for one of these, and go on when it has its end."""
        return self._asleep

    @asleep.setter
    def asleep(self, number: int) -> None:
        self._asleep = number
        self._make_room()

    @property
    def holds_aside(self) -> bool:
        return bool(self._waiting) or bool(self.parked)

    async def put(self, new: T) -> bool:
        """Add something new; False: nothing new is wanted any more."""
        if not await self.room():
            return False
        self.new += 1
        lane = self._lanes[self._lane_of(new)]
        lane.new.append(new)
        if lane.takers:
            self._serve(lane)
        return True

    async def room(self) -> bool:
        """Waits until there is room for something new; False: nothing new is wanted any more."""
        if self.new + self._on_their_way >= self._room or self._going_on + self._asleep >= self._room:
            self._half_empty.clear()
            self._putting = True
            if not self._at_work:
                self._serve_all()
            if self._putting and self._finished and self._asleep < self.ENDLESS:
                self._putting = False  # only something new can bring what those that sleep wait for
            if self._putting:
                await self._half_empty.wait()
        return not self._closed

    def go_on(self, thing: T) -> None:
        """Something of which a part was done goes before all that is new; after stop() nobody takes it any more."""
        if self._stopped:
            return
        self._going_on += 1
        lane = self._lanes[self._lane_of(thing)]
        lane.going_on.append(thing)
        if lane.takers:
            self._serve(lane)

    def close(self) -> None:
        """Nothing new comes any more."""
        self._closed = True
        self._serve_all()

    def stop(self) -> None:
        """Hand nothing out any more; who takes gets None."""
        self._stopped = True
        for lane in self._lanes:
            for things in (lane.new, lane.going_on, lane.released):
                things.clear()
        self._waiting.clear()
        self.parked.clear()
        self._closed = True
        for lane in self._lanes:
            lane.let_go()

    async def take(self, lane: int = 0) -> T | None:
        """The next thing of a lane, to be followed by one done(); None: there is nothing, and there won't be."""
        if self._stopped:
            return None
        of = self._lanes[lane]
        if (thing := self._next(of)) is not None:
            self._make_room()
            return thing
        if self._finished and not (self._putting and self._asleep < self.ENDLESS):
            self._end()
            return None
        taker: asyncio.Future[T | None] = asyncio.get_running_loop().create_future()
        of.takers.append(taker)
        thing = await taker
        if thing is not None:
            self._on_their_way -= 1
            self._make_room()
        return thing

    def done(self) -> None:
        """What was taken has its end, or was put aside."""
        self._at_work -= 1
        if not self._at_work and (self._closed or self._putting):
            self._serve_all()

    def wait(self, thing: T) -> None:
        """Put aside until release(), or until nobody is at work."""
        self._waiting.append(thing)

    def park(self, thing: T) -> None:
        """Put aside until release()."""
        self.parked.append(thing)

    def release(self, which: Callable[[T], bool]) -> None:
        """What was put aside and is meant goes before all else."""
        for aside in (self._waiting, self.parked):
            for thing in filter(which, aside):
                self._lanes[self._lane_of(thing)].released.append(thing)
            left = [thing for thing in aside if not which(thing)]
            aside.clear()
            aside.extend(left)
        self._serve_all()

    @property
    def _idle(self) -> bool:
        """Whether nobody is at work, nothing is to be handed out, and nothing comes before something is released."""
        return (self._closed or self._putting) and not self._at_work and not any(map(len, self._lanes))

    @property
    def _finished(self) -> bool:
        return self._idle and not self._waiting

    def _next(self, lane: _Lane[T]) -> T | None:
        if lane.released:
            thing = lane.released.popleft()
        elif lane.going_on:
            thing = lane.going_on.popleft()
            self._going_on -= 1
        elif lane.new:
            thing = lane.new.popleft()
            self.new -= 1
        elif self._waiting and self._lanes[self._lane_of(self._waiting[0])] is lane and self._idle:
            thing = self._waiting.popleft()
        else:
            return None
        self._at_work += 1
        return thing

    def _make_room(self) -> None:
        half = self._half_of_room
        if self._putting and self.new + self._on_their_way <= half and self._going_on + self._asleep <= half:
            self._putting = False
            self._half_empty.set()

    def _end(self) -> None:
        """All that is left was put aside for something that will not come."""
        self._closed, self._putting = True, False
        self._half_empty.set()

    def _serve_all(self) -> None:
        for lane in self._lanes:
            self._serve(lane)

    def _serve(self, lane: _Lane[T]) -> None:
        while lane.takers:
            if lane.takers[0].done():  # cancelled
                lane.takers.popleft()
            elif (thing := self._next(lane)) is not None:
                self._on_their_way += 1
                lane.takers.popleft().set_result(thing)
            elif self._finished:
                if self._putting and self._asleep < self.ENDLESS:
                    self._putting = False
                    self._half_empty.set()
                    return
                self._end()
                lane.let_go()
            else:
                return
