"""The course of a sample: a synchronous function of the answers so far, which says the next request, or the end.

It is a generator: it yields what is to be asked, is sent the answer, and returns the sample's end. What is there
already it looks up, so it begins where an earlier run ended.

A step may have several answers, its takes: each was asked for because the one before was rejected. So the newest take
that passes is the step's answer. Where gates have changed, older takes are looked at again, the newest first, and only
then another one is asked for. A judge rejects the answer of an earlier step, which then goes on to another take.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any, Protocol

from msgspec import Struct

from asyncsynth.engine.stage import ASSUMED, Gathering, Passed, Read, Rejection, SentBack, Stage, Stages, values_of
from asyncsynth.errors import UsageError
from asyncsynth.values import Request, Sample

UNRENDERED = "request_template"  # the reason of a sample whose request can't be rendered


class Got(Struct, frozen=True):
    """An answer; `read` None: only its key is known, since it was not made yet.

    `lost`: replies to the same request that were paid before it, and were of no use.
    """

    key: str
    generation: int
    take: int
    read: Read | None
    lost: int = 0

    @property
    def name(self) -> str:
        """What the keys of later steps call it by."""
        return f"{self.key}/{self.generation}"


class Ask(Struct, frozen=True):
    """What is to be asked next; `request` renders it, or raises UsageError.

    `left`: how many more replies may be paid for this step of the sample, if the one to this is of no use. `spent`: why
    it is not to be asked: what was of no use has used up its takes, and the newest answer was rejected.
    """

    step: str  # the name that requests of it go by
    place: int  # of its stage
    key: str
    take: int
    generation: int
    request: Callable[[], Request]
    left: int = 0
    spent: Rejection | None = None

    def answered(self, read: Read | None, lost: int = 0) -> Got:
        """Its answer, after so many replies of no use."""
        return Got(self.key, self.generation, self.take, read, lost)


class Taken(Struct, frozen=True):
    """The answer that a step takes."""

    step: str
    got: Got
    passed: Passed


class Done(Struct, frozen=True):
    """A good end: the answers of all steps, in their order."""

    answers: tuple[Taken, ...]
    passed: Mapping[str, Passed]  # by step; of a dialogue also what its turns make together

    @property
    def values(self) -> dict[str, Any]:
        """What templates see of them."""
        return values_of(self.passed)


class Failed(Struct, frozen=True):
    """A bad end: every take of a step was rejected, or its request can't be rendered; then there is no `last` one."""

    step: str
    lane: str  # the name that requests of it go by
    rejection: Rejection
    takes: int
    last: Got | None


End = Done | Failed
OnRejected = Callable[[str, str, str], None]  # the key of the answer that tells it, the step's lane, the gate
Course = Generator[Ask, Got, End]


class Shelf(Protocol):
    """What is there: the answer of a key, None where there is none; and how often a key's answer was dropped."""

    def answer(self, key: str) -> Read | None: ...
    def generation(self, key: str) -> int: ...


class Trail(Struct, frozen=True):
    """The answers of the steps so far; `names` and `stand_ins` of them are for keys, `passed` for templates."""

    answers: tuple[Taken, ...] = ()
    names: Mapping[str, str] = {}
    stand_ins: Mapping[str, Any] = {}
    passed: Mapping[str, Passed] = {}

    def on(self, stage: Stage, got: Got, passed: Passed) -> Trail:
        name = stage.step.name
        return Trail(
            (*self.answers, Taken(name, got, passed)),
            {**self.names, name: got.name},
            {**self.stand_ins, name: stage.step.stand_in(got.name)},
            {**self.passed, name: passed},
        )

    def at_the_end_of(self, gathering: Gathering) -> Trail:
        """With the value of a dialogue, made from its turns."""
        dialogue, said = gathering.dialogue, gathering.of_turns(self.passed)
        name, names = dialogue.name, gathering.of_turns(self.names)
        passed = ASSUMED if ASSUMED in said else Passed(lambda: dialogue.messages([turn.value() for turn in said]))
        return Trail(
            self.answers,
            {**self.names, name: names[-1]},
            {**self.stand_ins, name: dialogue.messages(names)},
            {**self.passed, name: passed},
        )


def rejected_by(lane: str, passed: Rejection | SentBack) -> tuple[str, str]:
    """Whose answer is of no use, and the gate, where an answer of this lane is looked at."""
    return (lane, passed.gate) if isinstance(passed, Rejection) else (passed.to, passed.rejection.gate)


def course(stages: Stages, sample: Sample, shelf: Shelf, on_rejected: OnRejected | None = None) -> Course:
    """The course of a sample whose first request can be rendered.

    `on_rejected` hears of each answer that is of no use, once it was sent the answer that tells.
    """
    end = yield from _Way(stages, sample, shelf, on_rejected).on_from(0, Trail())
    assert not isinstance(end, SentBack), "a judge comes after the step that it judges"
    return end


class _Way:
    def __init__(self, stages: Stages, sample: Sample, shelf: Shelf, on_rejected: OnRejected | None) -> None:
        self._stages, self._sample, self._shelf, self._on_rejected = stages, sample, shelf, on_rejected
        self._came: dict[str, Read] = {}  # by key: what this course was sent, to which a judge may lead it back

    def on_from(self, place: int, trail: Trail) -> Generator[Ask, Got, End | SentBack]:
        """What comes of the steps from this place on; SentBack: a judge among them rejects what an earlier one said."""
        if place == len(self._stages):
            return Done(trail.answers, trail.passed)
        stage = self._stages[place]
        if isinstance(stage, Gathering):
            return (yield from self._on_from_dialogue(place, stage, trail))
        step = stage.step
        try:
            keys = step.takes(self._sample, trail.names, trail.stand_ins)
        except UsageError as error:
            return Failed(step.name, step.lane, Rejection(UNRENDERED, error.message), 0, None)
        there, missing = self._takes(keys, step.retry)
        last: tuple[Got, Rejection] | None = None
        lost = 0
        while there or missing:
            asked = not there
            got = (yield self._ask(place, trail, missing, last, lost)) if asked else there.pop()
            lost += got.lost
            passed = self._looked_at(got, stage, trail, new=asked)
            if isinstance(passed, Passed):
                following = place + 1 + stage.skipped(self._sample.combination, passed)
                end = yield from self.on_from(following, trail.on(stage, got, passed))
                if not (isinstance(end, SentBack) and end.to == step.name):
                    return end
                passed = end.rejection
            elif isinstance(passed, SentBack):
                return passed
            if last is None or got.take > last[0].take:  # the newest, in whatever order they were looked at
                last = got, passed
        assert last is not None
        got, rejection = last
        return Failed(step.name, step.lane, rejection, got.take + 1, got)

    def _looked_at(self, got: Got, stage: Stage, trail: Trail, *, new: bool) -> Passed | Rejection | SentBack:
        """What becomes of an answer; a `new` one that rejects something is told of."""
        if got.read is not None:
            self._came[got.key] = got.read
        passed = stage.looked_at(got.read, self._sample.combination, trail.passed)
        if new and self._on_rejected is not None and not isinstance(passed, Passed):
            self._on_rejected(got.key, *rejected_by(stage.step.lane, passed))
        return passed

    def _on_from_dialogue(self, place: int, gathering: Gathering, trail: Trail) -> Generator[Ask, Got, End | SentBack]:
        """What comes of the steps behind a dialogue. What a judge rejects of one is not asked for again."""
        trail, name, last = trail.at_the_end_of(gathering), gathering.dialogue.name, trail.answers[-1].got
        passed = trail.passed[name]
        if passed is not ASSUMED and not any(message["role"] == "assistant" for message in passed.value()):
            return Failed(name, name, Rejection("until", "ended before there was an answer"), 1, last)
        end = yield from self.on_from(place + 1, trail)
        if isinstance(end, SentBack) and end.to == name:
            return Failed(name, name, end.rejection, 1, last)
        return end

    def _takes(self, keys: Callable[[int], str], retry: int) -> tuple[list[Got], list[tuple[int, str]]]:
        """The takes that are there, oldest first, and those that may be asked for, each with its key.

        More may be there than may be asked for now.
        """
        there, missing, take, read = list[Got](), list[tuple[int, str]](), 0, None
        while take <= retry or read is not None:
            key = keys(take)
            read = self._came.get(key) or self._shelf.answer(key)
            if read is not None:
                there.append(Got(key, self._shelf.generation(key), take, read))
            elif take <= retry:
                missing.append((take, key))
            take += 1
        return there, missing

    def _ask(
        self,
        place: int,
        trail: Trail,
        missing: list[tuple[int, str]],
        last: tuple[Got, Rejection] | None,
        lost: int,
    ) -> Ask:
        """The first of the missing takes, which is taken out of them; so many replies were paid and of no use."""
        stage = self._stages[place]
        assert isinstance(stage, Stage), "of a dialogue as a whole nothing is asked"
        take, key = missing.pop(0)
        step, generation = stage.step, self._shelf.generation(key)
        sample = Sample(key, self._sample.combination, self._sample.repeat)

        def request() -> Request:
            rejected = None
            if step.shows_reason and last is not None and last[0].read is not None:
                rejected = last[0].read().text, last[1].why
            values = values_of({name: trail.passed[name] for name in step.needs})
            return step.request(sample, values, take=take, generation=generation, rejected=rejected)

        left = len(missing) - lost
        spent = last[1] if left < 0 and last is not None else None
        return Ask(step.lane, place, key, take, generation, request, max(left, 0), spent)
