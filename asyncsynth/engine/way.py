"""The way of a sample through its steps: what is there of each, what may be asked for, and the end that it comes to.

Who walks along it says what is taken where nothing is there: see course.py and foresight.py.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile
from typing import Protocol

from msgspec import Struct

from asyncsynth.engine.level import Level, missing, takes_there
from asyncsynth.engine.stage import ASSUMED, Asks, Gathering, Got, Passed, Read, Rejection, SentBack, Stage, Stages
from asyncsynth.engine.trail import Done, End, Failed, Taken, Trail
from asyncsynth.errors import UsageError
from asyncsynth.values import Sample

UNRENDERED = "request_template"  # the reason of a sample whose request can't be rendered

OnRejected = Callable[[str, str, str], None]  # the key of the answer that tells it, the step's lane, the gate


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


class Way(Struct, gc=False):  # nothing that it holds knows of it
    """Level after level, on which a judge leads back to an earlier one."""

    stages: Stages
    sample: Sample
    shelf: Shelf
    came: dict[str, Read] = {}  # by key: what was sent; another step may ask for the same
    forks: bool = False  # whether a step had several takes when it was come to
    _levels: list[Level] = []
    _gathered: dict[str, Got] = {}  # by dialogue: its last turn

    def begin(self) -> Level | End:
        """The level of the first step."""
        return self._open(0, Trail())

    def anew(self) -> Way:
        """The same, to be walked from its begin; there is also what was sent."""
        return Way(self.stages, self.sample, self.shelf, self.came)

    def after(self, level: Level, got: Got, on_rejected: OnRejected | None = None) -> Level | End:
        """Where it goes on after an answer; `on_rejected` hears of it where that, or what it judges, is of no use."""
        stage, trail, combination = level.stage, level.trail, self.sample.combination
        passed = trail.look(stage, got, combination)
        if isinstance(passed, Passed):
            level.taken = got
            place = level.place + 1
            if stage.turn is not None:
                place += stage.skipped(combination, passed)
            return self._open(place, trail.on(stage.step, got, passed))
        if on_rejected is not None:
            on_rejected(got.key, *rejected_by(stage.step.lane, passed))
        if isinstance(passed, SentBack):
            if passed.to in self._gathered:  # what a judge rejects of a dialogue is not asked for again
                last = self._gathered[passed.to]
                return Failed(passed.to, passed.to, passed.rejection, 1, last, _answers_before(last, trail))
            level, got, passed = self._back_to(passed)
        level.reject(got, passed)
        return level

    def back_to_another_take(self, *, settled: bool) -> Level | None:
        """The last level with another take that is there.

        Not `settled`: something is missing behind those on the way, so that they stay open.
        """
        if not settled:
            for level in self._levels:
                level.is_open = True
        while self._levels and not self._levels[-1].there:
            self._levels.pop()
        return self._levels[-1] if self._levels else None

    def _back_to(self, sent: SentBack) -> tuple[Level, Got, Rejection]:
        """The level of what a judge rejects, with what was taken there."""
        while self._levels[-1].stage.step.name != sent.to:
            self._levels.pop()
        level = self._levels[-1]
        assert level.taken is not None, "a judge comes after the step that it judges"
        return level, level.taken, sent.rejection

    def _open(self, place: int, trail: Trail) -> Level | End:
        """The level of the next step, or the end behind the last one."""
        if place == len(self.stages):
            return Done(trail)
        stage = self.stages[place]
        if not isinstance(stage, Stage):
            return self._gather(place, stage, trail)
        step = stage.step
        try:
            keys = step.takes(self.sample, trail.taken)
        except UsageError as error:
            return Failed(step.name, step.lane, Rejection(UNRENDERED, error.message), 0, None, trail.answers)
        nothing = self.shelf.is_empty and keys(0) not in self.came
        there = [] if nothing else self._there(step, keys)
        level = Level(place, stage, self.sample, trail, keys, there, missing(there, step.retry))
        self._levels.append(level)
        return level

    def _there(self, step: Asks, keys: Callable[[int], str]) -> list[Got]:
        """The takes of a step that are there, the newest last."""
        came, shelf = self.came, self.shelf
        takes = takes_there(keys, step.retry, lambda key: came.get(key) or shelf.answer(key))
        there = [Got(step.name, key, shelf.generation(key), take, read) for take, key, read in takes]
        self.forks |= len(there) > 1
        return there

    def _gather(self, place: int, gathering: Gathering, trail: Trail) -> Level | End:
        """The level behind a dialogue."""
        name, last = gathering.dialogue.name, self._levels[-1].taken
        assert last is not None, "the end of a dialogue comes behind a turn"
        trail = trail.at_the_end_of(gathering)
        passed = trail.taken[name].passed
        if passed is not ASSUMED and not any(message["role"] == "assistant" for message in passed.value()):
            rejection = Rejection("until", "ended before there was an answer")
            return Failed(name, name, rejection, 1, last, _answers_before(last, trail))
        self._gathered[name] = last
        return self._open(place + 1, trail)


def _answers_before(last: Got, trail: Trail) -> tuple[Taken, ...]:
    """Those that this one follows."""
    return tuple(takewhile(lambda taken: taken.got.key != last.key, trail.answers))
