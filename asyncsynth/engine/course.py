"""The course of a sample: a synchronous function of the answers so far, which says the next request, or the end.

It is a generator: it yields what is to be asked, is sent the answer, and returns the sample's end. What is there
already it looks up, so it begins where an earlier run ended.

A step may have several answers, its takes: each was asked for because the one before was rejected. So the newest take
that passes is the step's answer. Where gates have changed, older takes are looked at again, the newest first, and only
then another one is asked for. A judge rejects the answer of an earlier step, which then goes on to another take.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Protocol

from msgspec import Struct

from asyncsynth.engine.stage import ASSUMED, Asks, Gathering, Got, Passed, Read, Rejection, SentBack, Stage, Stages
from asyncsynth.engine.trail import Ask, Done, End, Failed, Trail
from asyncsynth.errors import UsageError
from asyncsynth.values import Request, Sample

UNRENDERED = "request_template"  # the reason of a sample whose request can't be rendered

OnRejected = Callable[[str, str, str], None]  # the key of the answer that tells it, the step's lane, the gate
Course = Generator[Ask, Got, End]


class Shelf(Protocol):
    """What is there: the answer of a key, None where there is none; and how often a key's answer was dropped.

    `is_empty`: nothing is there for any course, nor will be but what it is sent.
    """

    @property
    def is_empty(self) -> bool: ...
    def answer(self, key: str) -> Read | None: ...
    def generation(self, key: str) -> int: ...


def rejected_by(lane: str, passed: Rejection | SentBack) -> tuple[str, str]:
    """Whose answer is of no use, and the gate, where an answer of this lane is looked at."""
    return (lane, passed.gate) if isinstance(passed, Rejection) else (passed.to, passed.rejection.gate)


def course(stages: Stages, sample: Sample, shelf: Shelf, on_rejected: OnRejected | None = None) -> Course:
    """The course of a sample whose first request can be rendered.

    `on_rejected` hears of each answer that is of no use, once it was sent the answer that tells.
    """
    return _Way(stages, sample, shelf, on_rejected).to_its_end()


def first_of(way: Course) -> Ask | End:
    """What is asked first, or the end."""
    try:
        return next(way)
    except StopIteration as stop:
        end: End = stop.value
        return end


class _Level(Struct, gc=False):  # it knows what came before it and not what comes behind it, so it is in no cycle
    """A step on the way of a sample: its takes that are there, the newest last, and those that may be asked for."""

    place: int
    stage: Stage
    sample: Sample
    trail: Trail
    keys: Callable[[int], str]  # of its takes
    there: list[Got]
    missing: list[int]
    lost: int = 0  # replies that were paid and of no use
    taken: Got | None = None
    last: tuple[Got, Rejection] | None = None  # the newest that was rejected

    def ask(self, generation: Callable[[str], int]) -> Ask:
        """What asks for the next take."""
        take = self.missing.pop(0)
        key = self.keys(take)
        left = len(self.missing) - self.lost
        spent = self.last[1] if left < 0 and self.last is not None else None
        return Ask(self.stage.step, self.place, key, take, generation(key), self.request, max(left, 0), spent)

    def reject(self, got: Got, rejection: Rejection) -> None:
        """One take less, in whatever order they were looked at."""
        if self.last is None or got.take > self.last[0].take:
            self.last = got, rejection

    def failed(self) -> Failed:
        """The end where no take is left."""
        assert self.last is not None
        got, rejection = self.last
        return Failed(got.step, self.stage.step.lane, rejection, got.take + 1, got)

    def request(self, ask: Ask) -> Request:
        """What is sent for what it asks. UsageError where it can't be rendered."""
        step, passed, last, sample = ask.of, self.trail.passed, self.last, self.sample
        rejected = None
        if last is not None and step.shows_reason and last[0].read is not None:
            rejected = last[0].text(), last[1].why
        values = {}
        for name in step.needs:
            values[name] = passed[name].value()
        sample = Sample(ask.key, sample.combination, sample.repeat)
        return step.request(sample, values, take=ask.take, generation=ask.generation, rejected=rejected)


class _Way(Struct, gc=False):  # nothing that it holds knows of it
    """The way of a sample through the levels, on which a judge leads back to an earlier one."""

    stages: Stages
    sample: Sample
    shelf: Shelf
    on_rejected: OnRejected | None
    came: dict[str, Read] = {}  # by key: what was sent; another step may ask for the same
    levels: list[_Level] = []
    gathered: dict[str, Got] = {}  # by dialogue: its last turn

    def to_its_end(self) -> Course:
        """Asks for what is not there."""
        at = self._open(0, Trail())
        while isinstance(at, _Level):
            if at.there:
                at = self._after(at, at.there.pop(), new=False)
            elif at.missing:
                got = yield at.ask(self.shelf.generation)
                if got.read is not None:
                    self.came[got.key] = got.read
                at.lost += got.lost
                at = self._after(at, got, new=True)
            else:
                return at.failed()
        return at

    def _after(self, level: _Level, got: Got, *, new: bool) -> _Level | End:
        """Where it goes on after an answer; of a `new` one that rejects something is told."""
        stage, trail, combination = level.stage, level.trail, self.sample.combination
        passed = stage.looked_at(got, combination, trail.passed)
        if isinstance(passed, Passed):
            level.taken = got
            place = level.place + 1
            if stage.turn is not None:
                place += stage.skipped(combination, passed)
            return self._open(place, trail.on(stage.step, got, passed))
        if new and self.on_rejected is not None:
            self.on_rejected(got.key, *rejected_by(stage.step.lane, passed))
        if isinstance(passed, SentBack):
            if passed.to in self.gathered:  # what a judge rejects of a dialogue is not asked for again
                return Failed(passed.to, passed.to, passed.rejection, 1, self.gathered[passed.to])
            level, got, passed = self._back_to(passed)
        level.reject(got, passed)
        return level

    def _back_to(self, sent: SentBack) -> tuple[_Level, Got, Rejection]:
        """The level of what a judge rejects, with what was taken there."""
        while self.levels[-1].stage.step.name != sent.to:
            self.levels.pop()
        level = self.levels[-1]
        assert level.taken is not None, "a judge comes after the step that it judges"
        return level, level.taken, sent.rejection

    def _open(self, place: int, trail: Trail) -> _Level | End:
        """The level of the next step, or the end behind the last one."""
        if place == len(self.stages):
            return Done(trail.answers, trail.passed)
        stage = self.stages[place]
        if isinstance(stage, Gathering):
            return self._gather(place, stage, trail)
        step = stage.step
        try:
            keys = step.takes(self.sample, trail.names, trail.stand_ins)
        except UsageError as error:
            return Failed(step.name, step.lane, Rejection(UNRENDERED, error.message), 0, None)
        nothing = self.shelf.is_empty and keys(0) not in self.came
        there = [] if nothing else self._takes(step, keys)
        level = _Level(place, stage, self.sample, trail, keys, there, _missing(there, step.retry))
        self.levels.append(level)
        return level

    def _gather(self, place: int, gathering: Gathering, trail: Trail) -> _Level | End:
        """The same behind a dialogue."""
        name, last = gathering.dialogue.name, trail.answers[-1].got
        trail = trail.at_the_end_of(gathering)
        passed = trail.passed[name]
        if passed is not ASSUMED and not any(message["role"] == "assistant" for message in passed.value()):
            return Failed(name, name, Rejection("until", "ended before there was an answer"), 1, last)
        self.gathered[name] = last
        return self._open(place + 1, trail)

    def _takes(self, step: Asks, keys: Callable[[int], str]) -> list[Got]:
        """The takes that are there, the newest last."""
        came, shelf = self.came, self.shelf
        there = takes_there(keys, step.retry, lambda key: came.get(key) or shelf.answer(key))
        return [Got(step.name, key, shelf.generation(key), take, read) for take, key, read in there]


def takes_there(
    keys: Callable[[int], str], retry: int, answer: Callable[[str], Read | None]
) -> Iterator[tuple[int, str, Read]]:
    """The takes of a step that are there, each with its key.

    More may be there than may be asked for now, also behind one that was dropped.
    """
    take = 0
    while True:
        key = keys(take)
        if (read := answer(key)) is not None:
            yield take, key, read
        elif take > retry:
            return
        take += 1


def _missing(there: Sequence[Got], retry: int) -> list[int]:
    """The takes that may be asked for."""
    if not there:
        return [*range(retry + 1)]
    found = [got.take for got in there]
    return [take for take in range(retry + 1) if take not in found]
