"""What a course is made of: what is to be asked, the trail of answers so far, and the ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from asyncsynth.engine.stage import ASSUMED, Asks, Gathering, Got, Passed, Read, Rejection, values_of
from asyncsynth.values import Request

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Ask(Struct, frozen=True, gc=False):
    """What is to be asked next.

    `left`: how many more replies may be paid for this step of the sample, if the one to this is of no use. `spent`: why
    it is not to be asked: what was of no use has used up its takes, and the newest answer was rejected.
    """

    of: Asks
    place: int  # of its stage
    key: str
    take: int
    generation: int
    render: Callable[[Ask], Request]
    left: int = 0
    spent: Rejection | None = None

    @property
    def step(self) -> str:
        """The name that requests of it go by."""
        return self.of.lane

    def request(self) -> Request:
        """UsageError where it can't be rendered."""
        return self.render(self)

    def answered(self, read: Read | None, lost: int = 0) -> Got:
        """Its answer, after so many replies of no use."""
        return Got(self.of.name, self.key, self.generation, self.take, read, lost)


class Taken(Struct, frozen=True, gc=False):
    """The answer that a step takes."""

    got: Got
    passed: Passed


class Done(Struct, frozen=True, gc=False):
    """A good end: the answers of all steps, in their order."""

    answers: tuple[Taken, ...]
    passed: Mapping[str, Passed]  # by step; of a dialogue also what its turns make together

    @property
    def values(self) -> dict[str, Any]:
        """What templates see of them."""
        return values_of(self.passed)


class Failed(Struct, frozen=True, gc=False):
    """A bad end: every take of a step was rejected, or its request can't be rendered; then there is no `last` one.

    `answers` are those of the steps before it.
    """

    step: str
    lane: str  # the name that requests of it go by
    rejection: Rejection
    takes: int
    last: Got | None
    answers: tuple[Taken, ...]


End = Done | Failed


class Trail(Struct, frozen=True, gc=False):
    """The answers of the steps so far; `names` and `stand_ins` of them are for keys, `passed` for templates."""

    answers: tuple[Taken, ...] = ()
    names: Mapping[str, str] = _NOTHING
    stand_ins: Mapping[str, Any] = _NOTHING
    passed: Mapping[str, Passed] = _NOTHING

    def on(self, step: Asks, got: Got, passed: Passed) -> Trail:
        name, called, stand_in = got.step, f"{got.key}/{got.generation}", step.stand_in
        names = {**self.names, name: called}
        are_names = stand_in is str and self.stand_ins is self.names  # as in most recipes, where all answers are texts
        return Trail(
            (*self.answers, Taken(got, passed)),
            names,
            names if are_names else {**self.stand_ins, name: stand_in(called)},
            {**self.passed, name: passed},
        )

    def without(self, step: Asks) -> Trail:
        """Past a step whose answer is not there; what is looked at behind it is assumed to be taken."""
        return replace(self, passed={**self.passed, step.name: ASSUMED})

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
