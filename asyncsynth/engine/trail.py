"""The trail of the answers that a course has taken so far, and its ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from asyncsynth.engine.stage import ASSUMED, Asks, Gathering, Got, Passed, Rejection, SentBack, Stage, Values


class Taken(Struct, frozen=True, gc=False):
    """The answer that a step takes; keys know it by its name, and by what stands in the place of its text."""

    got: Got
    passed: Passed
    name: str  # KEY/GENERATION
    stand_in_of: Callable[[str], Any]

    @property
    def stand_in(self) -> Any:
        """What stands in the place of its text."""
        return self.stand_in_of(self.name)


class Said(Struct, frozen=True, gc=False):
    """What the turns of a dialogue make together; its name is that of the last one."""

    name: str
    passed: Passed
    stand_in: Any


class Trail(Struct, frozen=True, gc=False):
    """What was taken of the steps so far, by their names; of a dialogue also what its turns make together.

    `assumed`: those of them whose answer is not there, or not made yet.
    """

    taken: Mapping[str, Taken | Said] = {}
    assumed: frozenset[str] = frozenset()

    @property
    def answers(self) -> tuple[Taken, ...]:
        """Those of all steps and turns, in their order."""
        return tuple([each for each in self.taken.values() if isinstance(each, Taken)])

    @property
    def values(self) -> dict[str, Any]:
        """What templates see of them."""
        return {name: each.passed.value() for name, each in self.taken.items()}

    def look(self, stage: Stage, got: Got, combination: Values) -> Passed | Rejection | SentBack:
        """What becomes of the next answer; it is assumed where it is not made yet, or would be looked at beside one."""
        read, check = got.read, stage.check
        if read is None:
            return ASSUMED
        if check is None:
            return Passed(got.text)
        if self.assumed and not self.assumed.isdisjoint(check.sees):
            return ASSUMED
        return check.look(read(), lambda: {**combination, **self.values})

    def on(self, step: Asks, got: Got, passed: Passed) -> Trail:
        """With the next answer."""
        taken = {**self.taken, got.step: Taken(got, passed, f"{got.key}/{got.generation}", step.stand_in)}
        return Trail(taken, self.assumed if passed is not ASSUMED else self.assumed | {got.step})

    def without(self, step: Asks) -> Trail:
        """Past a step whose answer is not there."""
        return Trail(self.taken, self.assumed | {step.name})

    def at_the_end_of(self, gathering: Gathering) -> Trail:
        """With the value of a dialogue, made from its turns."""
        dialogue, turns = gathering.dialogue, gathering.of_turns(self.taken)
        names, said = [turn.name for turn in turns], [turn.passed for turn in turns]
        passed = ASSUMED if ASSUMED in said else Passed(lambda: dialogue.messages([each.value() for each in said]))
        taken = {**self.taken, dialogue.name: Said(names[-1], passed, dialogue.messages(names))}
        return Trail(taken, self.assumed if passed is not ASSUMED else self.assumed | {dialogue.name})


class Done(Struct, frozen=True, gc=False):
    """A good end: of all steps an answer was taken."""

    trail: Trail


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


class Dead(Struct, frozen=True, gc=False):
    """A bad end: the answer of this key was given up on, which a dead letter tells; `step` as of a Request."""

    key: str
    step: str


End = Done | Failed | Dead
