"""The course of a sample: a synchronous function of the answers so far, which says the next request, or the end.

It is a generator: it yields what is to be asked, is sent the answer, and returns the sample's end. What is there
already it looks up, so it begins where an earlier run ended.

A step may have several answers, its takes: each was asked for because the one before was rejected. So the newest take
that passes is the step's answer. Where gates have changed, older takes are looked at again, the newest first, and only
then another one is asked for. A judge rejects the answer of an earlier step, which then goes on to another take.

Nothing is asked, and nothing given up, where other takes lead to a good end that is all there. Nor is anything asked
where they led to a bad one, or to what was given up on: then the newest take was asked for by another sample, which
shares it. Nor where a step that needs nothing of what is missing has come to a bad end.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from itertools import takewhile
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from asyncsynth.engine.level import Ask, Level, missing, takes_there
from asyncsynth.engine.stage import (
    ASSUMED,
    Asks,
    Gathering,
    Got,
    Passed,
    Read,
    Rejection,
    SentBack,
    Stage,
    Stages,
    is_beside_others,
)
from asyncsynth.engine.trail import Done, End, Failed, Taken, Trail
from asyncsynth.errors import UsageError
from asyncsynth.values import Sample

UNRENDERED = "request_template"  # the reason of a sample whose request can't be rendered

OnRejected = Callable[[str, str, str], None]  # the key of the answer that tells it, the step's lane, the gate
Course = Generator[Ask, Got, End]


class Shelf(Protocol):
    """What is there: the answer of a key, None where there is none; how often that was dropped; whether it was given up
    on, so that whoever asks for it has its end.

    `is_empty`: nothing is there for any course, nor will be but what it is sent.
    """

    @property
    def is_empty(self) -> bool: ...
    def answer(self, key: str) -> Read | None: ...
    def generation(self, key: str) -> int: ...
    def is_dead(self, key: str) -> bool: ...


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


def _answers_before(last: Got, trail: Trail) -> tuple[Taken, ...]:
    """Those that this one follows."""
    return tuple(takewhile(lambda taken: taken.got.key != last.key, trail.answers))


class _Way(Struct, gc=False):  # nothing that it holds knows of it
    """The way of a sample through the levels, on which a judge leads back to an earlier one."""

    _stages: Stages
    _sample: Sample
    _shelf: Shelf
    _on_rejected: OnRejected | None
    _came: dict[str, Read] = {}  # by key: what was sent; another step may ask for the same
    _levels: list[Level] = []
    _gathered: dict[str, Got] = {}  # by dialogue: its last turn
    _forks: bool = False  # whether a step had several takes when it was come to

    def to_its_end(self) -> Course:
        """Asks for what is not there."""
        at, begun = self._open(0, Trail()), False
        while isinstance(at, Level):
            if at.there:
                at = self._after(at, at.there.pop(), new=False)
            elif at.missing:
                ask = at.ask(self._shelf.generation)
                if not self._shelf.is_empty:
                    if (shared := self._there_by_now(ask)) is not None:
                        at = self._after(at, shared, new=False)
                        continue
                    if not begun and (end := self._known_end(ask)) is not None:
                        if isinstance(end, Ask):
                            yield end  # which nobody answers
                            raise AssertionError(f"{end.key} was given up on")
                        return end
                begun, got = True, (yield ask)
                if got.read is not None:
                    self._came[got.key] = got.read
                at.lost += got.lost
                at = self._after(at, got, new=True)
            else:
                at = at.failed()
        other = None if isinstance(at, Done) else self._elsewhere()
        return other if isinstance(other, Done) else at

    def _there_by_now(self, ask: Ask) -> Got | None:
        """What another sample has asked for since the step was come to."""
        read = self._shelf.answer(ask.key)
        if read is None:
            return None
        self._forks = True
        return ask.answered(read)

    def _known_end(self, ask: Ask) -> Ask | End | None:
        """The end that the sample has whatever comes of what it would ask; an Ask where that was given up on."""
        end = None if ask.generation else self._elsewhere()
        if end is None and is_beside_others(self._stages, ask.place):
            return self._anew().to_a_bad_end()
        return end

    def _elsewhere(self) -> Ask | End | None:
        """An end by takes that are all there, though it is not by the newest ones."""
        return self._anew().to_what_is_there() if self._forks else None

    def _anew(self) -> _Way:
        return _Way(self._stages, self._sample, self._shelf, None, self._came)

    def to_what_is_there(self) -> Ask | End | None:
        """The first good end of any takes, the newest first, else the first bad one; asks for nothing."""
        at: Level | End | None = self._open(0, Trail())
        failed: Ask | Failed | None = None
        while at is not None and not isinstance(at, Done):
            if isinstance(at, Level) and at.there:
                at = self._after(at, at.there.pop(), new=False)
                continue
            end = at if isinstance(at, Failed) else self._bad_end(at)
            failed = failed or end
            at = self._last_with_another_take(settled=end is not None)
        return at or failed

    def _bad_end(self, at: Level) -> Ask | Failed | None:
        """Of a step whose takes that are there were all rejected; None where a good one may still come."""
        if at.is_open:
            return None
        if not at.missing:
            return at.failed()
        ask = at.ask(self._shelf.generation)
        return ask if self._shelf.is_dead(ask.key) else None

    def to_a_bad_end(self) -> Ask | Failed | None:
        """The bad end that is there already where all that is missing is taken."""
        at = self._open(0, Trail())
        while isinstance(at, Level):
            if at.there:
                at = self._after(at, at.there.pop(), new=False)
            elif at.missing:
                ask = at.ask(self._shelf.generation)
                if self._shelf.is_dead(ask.key):
                    return ask
                at = self._after(at, ask.answered(None), new=False)
            else:
                at = at.failed()
        if not isinstance(at, Failed):
            return None
        return replace(at, answers=tuple(taken for taken in at.answers if taken.got.read is not None))

    def _last_with_another_take(self, *, settled: bool) -> Level | None:
        """Of the levels; where something is missing behind those on the way, they stay open."""
        if not settled:
            for level in self._levels:
                level.is_open = True
        while self._levels and not self._levels[-1].there:
            self._levels.pop()
        return self._levels[-1] if self._levels else None

    def _after(self, level: Level, got: Got, *, new: bool) -> Level | End:
        """Where it goes on after an answer; of a `new` one that rejects something is told."""
        stage, trail, combination = level.stage, level.trail, self._sample.combination
        passed = trail.look(stage, got, combination)
        if isinstance(passed, Passed):
            level.taken = got
            place = level.place + 1
            if stage.turn is not None:
                place += stage.skipped(combination, passed)
            return self._open(place, trail.on(stage.step, got, passed))
        if new and self._on_rejected is not None:
            self._on_rejected(got.key, *rejected_by(stage.step.lane, passed))
        if isinstance(passed, SentBack):
            if passed.to in self._gathered:  # what a judge rejects of a dialogue is not asked for again
                last = self._gathered[passed.to]
                return Failed(passed.to, passed.to, passed.rejection, 1, last, _answers_before(last, trail))
            level, got, passed = self._back_to(passed)
        level.reject(got, passed)
        return level

    def _back_to(self, sent: SentBack) -> tuple[Level, Got, Rejection]:
        """The level of what a judge rejects, with what was taken there."""
        while self._levels[-1].stage.step.name != sent.to:
            self._levels.pop()
        level = self._levels[-1]
        assert level.taken is not None, "a judge comes after the step that it judges"
        return level, level.taken, sent.rejection

    def _open(self, place: int, trail: Trail) -> Level | End:
        """The level of the next step, or the end behind the last one."""
        if place == len(self._stages):
            return Done(trail)
        stage = self._stages[place]
        if not isinstance(stage, Stage):
            return self._gather(place, stage, trail)
        step = stage.step
        try:
            keys = step.takes(self._sample, trail.taken)
        except UsageError as error:
            return Failed(step.name, step.lane, Rejection(UNRENDERED, error.message), 0, None, trail.answers)
        nothing = self._shelf.is_empty and keys(0) not in self._came
        there = [] if nothing else self._takes(step, keys)
        self._forks |= len(there) > 1
        level = Level(place, stage, self._sample, trail, keys, there, missing(there, step.retry))
        self._levels.append(level)
        return level

    def _gather(self, place: int, gathering: Gathering, trail: Trail) -> Level | End:
        """The same behind a dialogue."""
        name, last = gathering.dialogue.name, self._levels[-1].taken
        assert last is not None, "the end of a dialogue comes behind a turn"
        trail = trail.at_the_end_of(gathering)
        passed = trail.taken[name].passed
        if passed is not ASSUMED and not any(message["role"] == "assistant" for message in passed.value()):
            rejection = Rejection("until", "ended before there was an answer")
            return Failed(name, name, rejection, 1, last, _answers_before(last, trail))
        self._gathered[name] = last
        return self._open(place + 1, trail)

    def _takes(self, step: Asks, keys: Callable[[int], str]) -> list[Got]:
        """The takes that are there, the newest last."""
        came, shelf = self._came, self._shelf
        there = takes_there(keys, step.retry, lambda key: came.get(key) or shelf.answer(key))
        return [Got(step.name, key, shelf.generation(key), take, read) for take, key, read in there]
