"""The courses of the samples that a run makes: what each asks next, and its end, as the answers come.

Samples that ask the same share the answer: one asks, and the others wait for it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct
from msgspec.structs import replace

from asyncsynth.engine.backlog import Backlog
from asyncsynth.engine.course import Course, course, first_of
from asyncsynth.engine.ends import Ends
from asyncsynth.engine.inventory import Inventory, halfway_first
from asyncsynth.engine.level import Ask
from asyncsynth.engine.live import AsItWas, Kept, Live
from asyncsynth.engine.stage import Rejection, Stage, Stages, are_side_by_side, first_lane
from asyncsynth.engine.trail import Dead, Done, End
from asyncsynth.errors import UsageError
from asyncsynth.store.answers import StoredAnswer
from asyncsynth.store.mark import Reach
from asyncsynth.values import Finished, GivenUp, Rejected, Request, Row, Sample, Unasked, Value, Wanted

NO_MORE = Backlog.ENDLESS


class StepsOf(Protocol):
    """A recipe of steps: its samples in order, and what each puts into its record."""

    @property
    def total(self) -> int: ...
    @property
    def limit(self) -> int: ...
    @property
    def accepted(self) -> int: ...
    @property
    def alike(self) -> bool: ...
    def samples(self, start: int = 0) -> Iterator[Sample]: ...
    def columns(self, combination: Mapping[str, Value]) -> Mapping[str, Any]: ...
    def fields(self, sample: Sample, answers: Mapping[str, Any]) -> Mapping[str, Any]: ...


class Hears(Protocol):
    """Of each sample's end, and of each answer that a gate rejects, once: its step and the gate."""

    def ended(self, end: Finished | Rejected | GivenUp) -> None: ...
    def rejected(self, step: str, gate: str) -> None: ...


class _Open(Struct, gc=False):
    """A sample that has no end yet; `number` is its place in the order, `ask` what it waits for."""

    number: int
    sample: Sample
    course: Course
    ask: Ask


class Courses:
    """`writer` hears of each sample's end but for those that the inventory knows."""

    def __init__(
        self,
        recipe: StepsOf,
        stages: Stages,
        kept: Kept,
        inventory: Inventory,
        writer: Hears,
    ) -> None:
        self._recipe, self._stages, self._kept, self._writer = recipe, stages, kept, writer
        self._good, self._ended = inventory.there, inventory.there + inventory.dead
        self._ends, self._accepted, self._shared = Ends(recipe, stages), recipe.accepted, recipe.alike
        self._halfway, self._reach = inventory.halfway, inventory.reach
        self._begun_halfway = -1  # the number of the last of them that was begun
        self._next = inventory.reach.ended  # the number of the sample that is begun next, but for those halfway
        self._told = ""  # the key of the answer of which was told last that it rejects one
        self._begun_here = 0  # samples, in this run
        self._asking: dict[str, list[_Open]] = {}
        self._shelf = Live(kept, self._asking, is_empty=kept.is_empty and not recipe.alike)
        self._before = AsItWas(kept, self._shelf)
        self._open: dict[int, None] = {}  # numbers of samples without an end, in order
        self._asleep = 0
        self._condemned: Collection[str] = ()

    def reach(self) -> Reach:
        """As a Mark tells it."""
        _, begun, left = self._reach
        return Reach(min(self._next, min(self._open, default=self._next)), max(self._next, begun), left)

    @property
    def asleep(self) -> int:
        """Samples that wait for an answer that another one has asked for; very many, while no more may be wanted."""
        return NO_MORE if self._accepted and self._enough_if_all_are_good else self._asleep

    @property
    def to_make(self) -> int:
        """Those that were begun, and as many as are still to be accepted, if there are so many."""
        if not self._accepted:
            return self._begun_here
        short = self._accepted - self._good - len(self._open) + self._doomed
        left = (self._recipe.limit or self._recipe.total) - self._ended - len(self._open)
        return self._begun_here + max(0, min(short, left))

    @property
    def _enough_if_all_are_good(self) -> bool:
        return self._good + len(self._open) - self._doomed >= self._accepted

    @property
    def _doomed(self) -> int:
        """Samples that are open, and can't have a good end any more."""
        return sum(len(self._asking.get(key, ())) for key in self._condemned)

    def requests(self) -> Iterator[Wanted | None]:
        """What the samples ask first that is not there: as `missing` gives it for a recipe of one step."""
        recipe, halfway, limit = self._recipe, frozenset(self._halfway), self._recipe.limit
        for number, sample in halfway_first(recipe.samples, self._halfway, self._next):
            if limit and self._ended + len(self._open) >= limit:
                return
            while self._accepted and self._enough_if_all_are_good:
                if self._good >= self._accepted:
                    return
                yield None  # until one of them ends
            if number in halfway:
                self._begun_halfway = number
            else:
                self._next = number + 1
            yield self._begun(number, sample)

    def answered(self, sample: Sample, completion: str) -> tuple[Row, ...]:  # noqa: ARG002 - see Courses
        """Nothing: records are made of all answers of a sample, at its end."""
        return ()

    def takes_left(self, request: Request) -> int:
        """How many more replies may be paid for, if the one to this request is of no use."""
        return max((each.ask.left for each in self._asking.get(request.sample.key, ())), default=0)

    def asked_again(self, request: Request, lost: int) -> Request:
        """The same with another UUID, after so many replies of no use; as it was where that can't be rendered."""
        for each in self._asking.get(request.sample.key, ()):
            with contextlib.suppress(UsageError):
                return each.ask.request(lost)
        return request

    def follow(self, request: Request, answer: StoredAnswer, lost: int = 0) -> list[Wanted]:
        """What is to be asked next by all samples that asked this; `lost` as of Got."""
        key = request.sample.key
        if self._shared:
            self._shelf.add(key, answer)
        read, found = answer.itself, []
        for each in self._awake(key):
            try:
                each.ask = each.course.send(each.ask.answered(read, lost))
            except StopIteration as stop:
                self._tell(each.number, each.sample, stop.value)
            else:
                if (wanted := self._asked(each)) is not None:
                    found.append(wanted)
        return found

    def condemned(self, keys: Collection[str]) -> None:
        """Others are begun in the place of samples that asked these, where so many are to be accepted."""
        self._condemned = keys

    def given_up(self, end: GivenUp) -> GivenUp:
        """The same with what all samples that asked this put into their dead letters; they have their end."""
        ended = self._awake(end.sample.key)
        for each in ended:
            self._close(each.number, good=False)
        end = replace(end, step=ended[0].ask.step if ended else first_lane(self._stages))
        if self._shared:
            self._shelf.dead[end.sample.key] = end
        return self._with_rows(end, [each.sample for each in ended] or [end.sample])

    def conclude(self) -> None:
        """Tells the ends of samples that the run did not come to, by answers that they share with others."""
        begun = frozenset(number for number in self._halfway if number <= self._begun_halfway)
        beside = are_side_by_side(self._stages)
        for number, sample in enumerate(self._recipe.samples(self._next), self._next) if self._shared else ():
            if number not in begun and sample.problem is None and (beside or self._has_begun(sample.key)):
                self._shelf.told = False
                state = first_of(course(self._stages, sample, self._shelf))
                if not isinstance(state, Ask) and not self._had_ended(sample):
                    self._writer.ended(self._told_of(sample, state))

    def _has_begun(self, key: str) -> bool:
        return key in self._shelf.dead or self._shelf.answer(key) is not None

    def _had_ended(self, sample: Sample) -> bool:
        """Whether a sample that has its end had one when the run began, of which the inventory knows."""
        if not self._shelf.told:
            return True
        return not isinstance(first_of(course(self._stages, sample, self._before)), Ask)

    def _on_rejected(self, key: str, step: str, gate: str) -> None:
        """Samples that share the answer of this key hear of it one after the other."""
        if key != self._told:
            self._told = key
            self._writer.rejected(step, gate)

    def _told_of(self, sample: Sample, end: End) -> Finished | Rejected | GivenUp:
        """What the writer hears of the end of a sample."""
        if not isinstance(end, Dead):
            return self._ends.of(sample, end)
        given_up = self._shelf.dead.get(end.key) or self._kept.given_up(end.key, sample, end.step)
        return self._with_rows(given_up, [sample])

    def _with_rows(self, end: GivenUp, samples: Sequence[Sample]) -> GivenUp:
        return replace(end, rows=tuple(map(self._ends.without_fields, samples)))

    def _awake(self, key: str) -> list[_Open]:
        """All samples that asked this."""
        there = self._asking.pop(key, [])
        if len(there) > 1:
            self._asleep -= len(there) - 1
        return there

    def _begun(self, number: int, sample: Sample) -> Wanted | None:
        if sample.problem is not None:
            if self._kept.is_dead(sample.key):
                return None
            self._begun_here += 1
            self._ended += 1
            return sample
        way = course(self._stages, sample, self._shelf, self._on_rejected)
        self._shelf.told = False
        state = first_of(way)
        if isinstance(state, Ask):
            self._begun_here += 1
            self._open[number] = None
            return self._asked(_Open(number, sample, way, state))
        if not self._had_ended(sample):
            self._begun_here += 1
            self._tell(number, sample, state)
        return None

    def _asked(self, each: _Open) -> Wanted | None:
        """The request, but where another sample asks it already."""
        ask = each.ask
        key = ask.key
        if (others := self._asking.get(key)) is not None:
            others.append(each)
            self._asleep += 1
            return None
        self._asking[key] = [each]
        if ask.spent is not None:
            return self._unasked(each, ask.spent)
        try:
            return ask.request()
        except UsageError as error:
            return replace(each.sample, key=key, problem=error.message)

    def _unasked(self, each: _Open, rejection: Rejection) -> Unasked:
        """It has used up its takes, though not all of them brought an answer: only a dead letter remembers that."""
        ask, sample = each.ask, each.sample
        stage = self._stages[ask.place]
        assert isinstance(stage, Stage)
        why = f"{stage.step.name}: {rejection.why}"
        return Unasked(replace(sample, key=ask.key), ask.generation, rejection.gate, why, stage.step.retry + 1)

    def _close(self, number: int, *, good: bool) -> None:
        self._open.pop(number, None)
        self._ended += 1
        self._good += good

    def _tell(self, number: int, sample: Sample, end: End) -> None:
        self._close(number, good=isinstance(end, Done))
        self._writer.ended(self._told_of(sample, end))
