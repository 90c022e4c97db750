"""The course of a sample: a synchronous function of the answers so far, which says the next request, or the end.

It is a generator: it yields what is to be asked, is sent the answer, and returns the sample's end. What is there
already it looks up, so it begins where an earlier run ended.

A step may have several answers, its takes: each was asked for because the one before was rejected. So the newest take
that passes is the step's answer. Where gates have changed, older takes are looked at again, the newest first, and only
then another one is asked for. A judge rejects the answer of an earlier step, which then goes on to another take.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from asyncsynth.engine.stage import (
    ASSUMED,
    Asks,
    Gathering,
    Passed,
    Read,
    Rejection,
    SentBack,
    Stage,
    Stages,
    Turn,
    values_of,
)
from asyncsynth.errors import UsageError
from asyncsynth.values import Request, Sample

UNRENDERED = "request_template"  # the reason of a sample whose request can't be rendered


class Got(NamedTuple):
    """An answer; `read` None: only its key is known, since it was not made yet."""

    key: str
    generation: int
    take: int
    read: Read | None

    @property
    def name(self) -> str:
        """What the keys of later steps call it by."""
        return f"{self.key}/{self.generation}"


class Ask(NamedTuple):
    """What is to be asked next; `request` renders it, or raises UsageError."""

    step: str  # the name that requests of it go by
    place: int  # of its stage
    key: str
    take: int
    generation: int
    request: Callable[[], Request]

    def answered(self, read: Read | None) -> Got:
        """Its answer."""
        return Got(self.key, self.generation, self.take, read)


class Taken(NamedTuple):
    """The answer that a step takes."""

    step: str
    got: Got
    passed: Passed


class Done(NamedTuple):
    """A good end: the answers of all steps, in their order."""

    answers: tuple[Taken, ...]
    passed: Mapping[str, Passed]  # by step; of a dialogue also what its turns make together

    @property
    def values(self) -> dict[str, Any]:
        """What templates see of them."""
        return values_of(self.passed)


class Failed(NamedTuple):
    """A bad end: every take of a step was rejected, or its request can't be rendered; then there is no `last` one."""

    step: str
    rejection: Rejection
    takes: int
    last: Got | None


End = Done | Failed
Course = Generator[Ask, Got, End]


class Shelf(Protocol):
    """What is there: the answer of a key, None where there is none; and how often a key's answer was dropped.

    `is_empty`: nothing is there for any course, nor will be but what it is sent.
    """

    @property
    def is_empty(self) -> bool: ...
    def answer(self, key: str) -> Read | None: ...
    def generation(self, key: str) -> int: ...


class _Trail(NamedTuple):
    """The answers of the steps so far; `names` and `stand_ins` of them are for keys, `passed` for templates."""

    answers: tuple[Taken, ...] = ()
    names: Mapping[str, str] = {}
    stand_ins: Mapping[str, Any] = {}
    passed: Mapping[str, Passed] = {}

    def on(self, step: Asks, got: Got, passed: Passed) -> _Trail:
        answers, names, stand_ins, all_passed = self
        name, called = step.name, got.name
        return _Trail(
            (*answers, Taken(name, got, passed)),
            {**names, name: called},
            {**stand_ins, name: step.stand_in(called)},
            {**all_passed, name: passed},
        )

    def at_the_end_of(self, gathering: Gathering) -> _Trail:
        """With the value of a dialogue, made from its turns."""
        dialogue, said = gathering.dialogue, gathering.of_turns(self.passed)
        name, names = dialogue.name, gathering.of_turns(self.names)
        passed = ASSUMED if ASSUMED in said else Passed(lambda: dialogue.messages([turn.value() for turn in said]))
        return _Trail(
            self.answers,
            {**self.names, name: names[-1]},
            {**self.stand_ins, name: dialogue.messages(names)},
            {**self.passed, name: passed},
        )


def course(stages: Stages, sample: Sample, shelf: Shelf) -> Course:
    """The course of a sample whose first request can be rendered."""
    end = yield from _Way(stages, sample, shelf).on_from(0, _Trail())
    assert not isinstance(end, SentBack), "a judge comes after the step that it judges"
    return end


class _Way:
    def __init__(self, stages: Stages, sample: Sample, shelf: Shelf) -> None:
        self._stages, self._sample, self._shelf = stages, sample, shelf
        self._came: dict[str, Read] = {}  # by key: what this course was sent, to which a judge may lead it back

    def on_from(self, place: int, trail: _Trail) -> Generator[Ask, Got, End | SentBack]:
        """What comes of the steps from this place on; SentBack: a judge among them rejects what an earlier one said."""
        if place == len(self._stages):
            return Done(trail.answers, trail.passed)
        stage = self._stages[place]
        if isinstance(stage, Gathering):
            return (yield from self._on_from_dialogue(place, stage, trail))
        step, combination = stage.step, self._sample.combination
        try:
            keys = step.takes(self._sample, trail.names, trail.stand_ins)
        except UsageError as error:
            return Failed(step.name, Rejection(UNRENDERED, error.message), 0, None)
        there = self._takes(keys, step.retry)
        missing = _missing(there, step.retry)
        last: tuple[Got, Rejection] | None = None
        while there or missing:
            if there:
                got = there.pop()
            else:
                got = self._sent((yield self._ask(place, stage, trail, keys, missing.pop(0), last)))
            passed = stage.looked_at(got.read, combination, trail.passed)
            if isinstance(passed, Passed):
                following = place + 1 if stage.turn is None else self._after(place, stage.turn, passed)
                end = yield from self.on_from(following, trail.on(step, got, passed))
                if not (isinstance(end, SentBack) and end.to == step.name):
                    return end
                passed = end.rejection
            elif isinstance(passed, SentBack):
                return passed
            if last is None or got.take > last[0].take:  # the newest, in whatever order they were looked at
                last = got, passed
        assert last is not None
        got, rejection = last
        return Failed(step.name, rejection, got.take + 1, got)

    def _after(self, place: int, turn: Turn, passed: Passed) -> int:
        """The place of what follows a turn that is taken: it may be the last one of its dialogue."""
        over = turn.is_last(self._sample.combination) or turn.ends(passed)
        return place + 1 + (turn.later if over else 0)

    def _on_from_dialogue(self, place: int, gathering: Gathering, trail: _Trail) -> Generator[Ask, Got, End | SentBack]:
        """What comes of the steps behind a dialogue. What a judge rejects of one is not asked for again."""
        trail, name, last = trail.at_the_end_of(gathering), gathering.dialogue.name, trail.answers[-1].got
        passed = trail.passed[name]
        if passed is not ASSUMED and not any(message["role"] == "assistant" for message in passed.value()):
            return Failed(name, Rejection("until", "ended before there was an answer"), 1, last)
        end = yield from self.on_from(place + 1, trail)
        if isinstance(end, SentBack) and end.to == name:
            return Failed(name, end.rejection, 1, last)
        return end

    def _takes(self, keys: Callable[[int], str], retry: int) -> list[Got]:
        """The takes that are there, oldest first. Another step may have asked for the same."""
        came, shelf = self._came, self._shelf
        if shelf.is_empty and keys(0) not in came:
            return []
        there = takes_there(keys, retry, lambda key: came.get(key) or shelf.answer(key))
        return [Got(key, shelf.generation(key), take, read) for take, key, read in there]

    def _sent(self, got: Got) -> Got:
        if got.read is not None:
            self._came[got.key] = got.read
        return got

    def _ask(
        self,
        place: int,
        stage: Stage,
        trail: _Trail,
        keys: Callable[[int], str],
        take: int,
        last: tuple[Got, Rejection] | None,
    ) -> Ask:
        step, key, combination = stage.step, keys(take), self._sample.combination
        generation = self._shelf.generation(key)

        def request() -> Request:
            rejected = None
            if step.shows_reason and last is not None and last[0].read is not None:
                rejected = last[0].read().text, last[1].why
            passed = trail.passed
            values = {name: passed[name].value() for name in step.needs}
            sample = Sample(key, combination, self._sample.repeat)
            return step.request(sample, values, take=take, generation=generation, rejected=rejected)

        return Ask(step.lane, place, key, take, generation, request)


def takes_there(
    keys: Callable[[int], str], retry: int, answer: Callable[[str], Read | None]
) -> Iterator[tuple[int, str, Read]]:
    """The takes of a step that are there, each with its key; more may be there than may be asked for now."""
    take = 0
    while True:
        key = keys(take)
        if (read := answer(key)) is not None:
            yield take, key, read
        elif take >= retry:
            return
        take += 1


def _missing(there: Sequence[Got], retry: int) -> list[int]:
    """The takes that may be asked for."""
    found = [got.take for got in there]
    return [take for take in range(retry + 1) if take not in found]
