"""One step as the engine sees it: what it asks, and what becomes of an answer. Both can be stood in for by others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol, TypeVar

from msgspec import Struct

from asyncsynth.store.answers import StoredAnswer
from asyncsynth.values import Request, Sample

Read = Callable[[], StoredAnswer]
Values = Mapping[str, Any]
Told = TypeVar("Told")


class Rejection(Struct, frozen=True, gc=False):
    """An answer that is not taken: the name of the gate, and why, as what is said of it ("has 12 words; ...")."""

    gate: str
    why: str


class SentBack(Struct, frozen=True, gc=False):
    """A judge does not take the answer of the step `to`."""

    to: str
    rejection: Rejection


class Got(Struct, frozen=True, gc=False):
    """An answer of a step; `read` None: only its key is known, since it was not made yet.

    `lost`: replies to the same request that were paid before it, and were of no use.
    """

    step: str
    key: str
    generation: int
    take: int
    read: Read | None
    lost: int = 0

    def text(self) -> str:
        """As it came."""
        return "" if self.read is None else self.read().text


class Passed(Struct, frozen=True, gc=False):
    """An answer that is taken; `value` is what templates see of it, `shown` what its record tells beside its text."""

    value: Callable[[], Any]
    flags: tuple[str, ...] = ()
    shown: Mapping[str, Any] = MappingProxyType({})


ASSUMED = Passed(str)


class Known(Protocol):
    """An answer of an earlier step, or of all turns of a dialogue, as keys know it."""

    @property
    def name(self) -> str:
        """KEY/GENERATION."""

    @property
    def stand_in(self) -> Any:
        """What stands in the place of its text."""


class Asks(Protocol):
    """The recipe's side of a step."""

    @property
    def name(self) -> str: ...
    @property
    def lane(self) -> str:
        """The name that its requests go by: that of the step, or of a side of a dialogue."""

    @property
    def needs(self) -> Sequence[str]: ...
    @property
    def retry(self) -> int: ...
    @property
    def shows_reason(self) -> bool: ...
    @property
    def stand_in(self) -> Callable[[str], Any]: ...

    def takes(self, sample: Sample, earlier: Mapping[str, Known]) -> Callable[[int], str]:
        """From the number of a take to the key of its answer. UsageError where the request can't be rendered."""

    def request(
        self,
        sample: Sample,
        values: Values,
        *,
        take: int,
        generation: int,
        rejected: tuple[str, str] | None = None,
        lost: int = 0,
    ) -> Request:
        """What to send, after so many replies of no use. UsageError where it can't be rendered."""


class InOrder(Protocol):
    """Looks at the answers of a step in the order in which they were kept."""

    def see(self, answer: StoredAnswer) -> None: ...


class Check(Protocol):
    """What becomes of an answer, given the values of the axes and of earlier steps.

    `sees`: the names of those that it looks at, and of others. `in_order`: what has to see all answers of its step that
    are there before the first one is looked at.
    """

    @property
    def in_order(self) -> InOrder | None: ...
    @property
    def sees(self) -> Collection[str]: ...

    def look(self, answer: StoredAnswer, values: Callable[[], Values]) -> Passed | Rejection | SentBack: ...


class Dialogue(Protocol):
    """The recipe's side of a dialogue; with `until` in it, a turn is the last one."""

    @property
    def name(self) -> str: ...
    @property
    def until(self) -> str | None: ...
    @property
    def axis(self) -> str | None:
        """The name of the axis by which its length differs."""

    @property
    def turns(self) -> Sequence[Asks]: ...

    def rounds(self, combination: Values) -> int:
        """How often each side speaks at most."""

    def messages(self, texts: Sequence[str]) -> Any:
        """The value that the texts of its turns make."""


class Turn(Struct, frozen=True):
    """Which turn of a dialogue a stage is: 0, 1, ..."""

    dialogue: Dialogue
    number: int

    @property
    def later(self) -> int:
        """How many turns may follow, in the longest one."""
        return len(self.dialogue.turns) - self.number - 1

    def is_last(self, combination: Values) -> bool:
        """Whether no turn follows, whatever is said."""
        return self.number + 1 == 2 * self.dialogue.rounds(combination)

    def ends(self, passed: Passed) -> bool:
        """Whether none follows because of what is said."""
        until = self.dialogue.until
        return until is not None and passed is not ASSUMED and until in passed.value()


class Gathering(Struct, frozen=True):
    """The end of a dialogue: its turns become one value, under its name. Nothing is asked."""

    dialogue: Dialogue

    def of_turns(self, by_turn: Mapping[str, Told]) -> list[Told]:
        """What is known of those turns that were taken, in their order."""
        return [by_turn[turn.name] for turn in self.dialogue.turns if turn.name in by_turn]


class Stage(Struct, frozen=True):
    """`check` None: every answer is taken as it comes. `turn` None: it is no part of a dialogue."""

    step: Asks
    check: Check | None = None
    judges: bool = False  # it makes no text of the sample, but grades of one
    turn: Turn | None = None

    @property
    def span(self) -> int:
        """How many stages it is: one, or with it the rest of its dialogue and that one's end."""
        return 1 if self.turn is None else 2 + self.turn.later

    def skipped(self, combination: Values, passed: Passed) -> int:
        """How many stages behind it are skipped with this answer: a turn may be the last one of its dialogue."""
        turn = self.turn
        over = turn is not None and (turn.is_last(combination) or turn.ends(passed))
        return turn.later if turn is not None and over else 0


Stages = Sequence[Stage | Gathering]


def first_lane(stages: Stages) -> str:
    """What the first request of a sample goes by."""
    return next(stage.step.lane for stage in stages if isinstance(stage, Stage))


def is_beside_others(stages: Stages, place: int) -> bool:
    """Whether some step behind this one needs nothing of it: its answer may be there where this one's is not."""
    made_from: set[str] = set()
    for stage in stages[place:]:
        if isinstance(stage, Gathering):
            if any(turn.name in made_from for turn in stage.dialogue.turns):
                made_from.add(stage.dialogue.name)
        elif made_from and made_from.isdisjoint(stage.step.needs):
            return True
        else:
            made_from.add(stage.step.name)
    return False


def are_side_by_side(stages: Stages) -> bool:
    """Whether this is so of some step."""
    return any(is_beside_others(stages, place) for place, stage in enumerate(stages) if isinstance(stage, Stage))
