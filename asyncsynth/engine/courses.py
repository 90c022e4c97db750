"""The courses of the samples that a run makes: what each asks next, and its end, as the answers come.

Samples that ask the same share the answer: one asks, and the others wait for it.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import Any, Protocol

from asyncsynth.engine.backlog import Backlog
from asyncsynth.engine.course import Ask, Course, Done, End, Shelf, course, first_of
from asyncsynth.engine.ends import Ends
from asyncsynth.engine.inventory import Inventory
from asyncsynth.engine.stage import Read, Stages
from asyncsynth.errors import UsageError
from asyncsynth.store.answers import StoredAnswer
from asyncsynth.store.mark import Reach
from asyncsynth.values import Finished, GivenUp, Rejected, Request, Row, Sample, Value

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


class Kept(Shelf, Protocol):
    """What was there when the run began."""

    def is_dead(self, key: str) -> bool: ...


class _Open:
    """A sample that has no end yet; `number` is its place in the order, `ask` what it waits for."""

    __slots__ = ("ask", "course", "number", "sample")

    def __init__(self, number: int, sample: Sample, course: Course, ask: Ask) -> None:
        self.number, self.sample, self.course, self.ask = number, sample, course, ask


class Courses:
    """`end` hears of each sample's end but for those that the inventory knows. `begun` counts the samples that were
    begun in this run.
    """

    def __init__(
        self,
        recipe: StepsOf,
        stages: Stages,
        kept: Kept,
        inventory: Inventory,
        end: Callable[[Finished | Rejected | GivenUp], None],
    ) -> None:
        self._recipe, self._stages, self._kept, self._end = recipe, stages, kept, end
        self._good, self._ended = inventory.there, inventory.there + inventory.dead
        self._ends, self._accepted, self._shared = Ends(recipe, stages), recipe.accepted, recipe.alike
        self.begun = 0
        self._asking: dict[str, list[_Open]] = {}
        self._shelf = _Live(kept, self._asking, is_empty=kept.is_empty and not recipe.alike)
        self._reach = inventory.reach
        self._next = inventory.reach.ended  # the number of the sample that is begun next
        self._open: dict[int, None] = {}  # numbers of samples without an end, in order
        self._asleep = 0

    def reach(self) -> Reach:
        """As a Mark tells it."""
        _, begun, left = self._reach
        return Reach(next(iter(self._open), self._next), max(self._next, begun), left)

    @property
    def asleep(self) -> int:
        """Samples that wait for an answer that another one has asked for; very many, while no more may be wanted."""
        return NO_MORE if self._enough_if_all_are_good else self._asleep

    @property
    def _enough_if_all_are_good(self) -> bool:
        return self._accepted > 0 and self._good + len(self._open) >= self._accepted

    def requests(self) -> Iterator[Request | Sample | None]:
        """What the samples ask first that is not there: as `missing` gives it for a recipe of one step."""
        recipe = self._recipe
        for number, sample in enumerate(recipe.samples(self._next), self._next):
            if recipe.limit and self._ended + len(self._open) >= recipe.limit:
                return
            while self._enough_if_all_are_good:
                if self._good >= self._accepted:
                    return
                yield None  # until one of them ends
            self._next = number + 1
            yield self._begun(number, sample)

    def answered(self, sample: Sample, completion: str) -> tuple[Row, ...]:  # noqa: ARG002 - see Courses
        """Nothing: records are made of all answers of a sample, at its end."""
        return ()

    def follow(self, request: Request, answer: StoredAnswer) -> list[Request | Sample]:
        """What is to be asked next by all samples that asked this."""
        key = request.sample.key
        if self._shared:
            self._shelf.add(key, answer)

        def read() -> StoredAnswer:
            return answer

        return [wanted for each in self._awake(key) if (wanted := self._on(each, read)) is not None]

    def given_up(self, end: GivenUp) -> GivenUp:
        """The same with what all samples that asked this put into their dead letters; they have their end."""
        if self._shared:
            self._shelf.dead[end.sample.key] = end
        ended = self._awake(end.sample.key)
        for each in ended:
            self._close(each.number, good=False)
        return self._with_rows(end, [each.sample for each in ended] or [end.sample])

    def conclude(self) -> None:
        """Tells the ends of samples that the run did not come to, by answers that they share with others."""
        for sample in self._recipe.samples(self._next) if self._shared else ():
            if sample.problem is None and self._has_begun(sample.key):
                self._shelf.told = False
                state = first_of(course(self._stages, sample, self._shelf))
                if not isinstance(state, Ask):
                    if self._shelf.told:
                        self._end(self._ends.of(sample, state))
                elif (given_up := self._shelf.dead.get(state.key)) is not None:
                    self._end(self._with_rows(given_up, [sample]))

    def _has_begun(self, key: str) -> bool:
        return key in self._shelf.dead or self._shelf.answer(key) is not None

    def _with_rows(self, end: GivenUp, samples: Sequence[Sample]) -> GivenUp:
        return end._replace(rows=tuple(map(self._ends.without_fields, samples)))

    def _awake(self, key: str) -> list[_Open]:
        """All samples that asked this."""
        there = self._asking.pop(key, [])
        if len(there) > 1:
            self._asleep -= len(there) - 1
        return there

    def _begun(self, number: int, sample: Sample) -> Request | Sample | None:
        if sample.problem is not None:
            if self._kept.is_dead(sample.key):
                return None
            self.begun += 1
            self._ended += 1
            return sample
        way = course(self._stages, sample, self._shelf)
        self._shelf.told = False
        ask = first_of(way)
        if not isinstance(ask, Ask):
            if self._shelf.told:  # by what came in this run
                self.begun += 1
                self._tell(number, sample, ask)
            return None
        if ask.key not in self._shelf.dead and self._kept.is_dead(ask.key):  # since an earlier run
            return None
        self.begun += 1
        self._open[number] = None
        return self._asked(_Open(number, sample, way, ask))

    def _on(self, each: _Open, read: Read) -> Request | Sample | None:
        """Takes a course on with its answer."""
        try:
            each.ask = each.course.send(read)
        except StopIteration as stop:
            self._tell(each.number, each.sample, stop.value)
            return None
        return self._asked(each)

    def _asked(self, each: _Open) -> Request | Sample | None:
        """The request, but where another sample asks it already, or it was given up."""
        ask = each.ask
        if (others := self._asking.get(ask.key)) is not None:
            others.append(each)
            self._asleep += 1
            return None
        if (given_up := self._shelf.dead.get(ask.key)) is not None:
            self._close(each.number, good=False)
            self._end(self._with_rows(given_up, [each.sample]))
            return None
        self._asking[ask.key] = [each]
        try:
            return ask.request()
        except UsageError as error:
            return each.sample._replace(key=ask.key, problem=error.message)

    def _close(self, number: int, *, good: bool) -> None:
        self._open.pop(number, None)
        self._ended += 1
        self._good += good

    def _tell(self, number: int, sample: Sample, end: End) -> None:
        self._close(number, good=isinstance(end, Done))
        self._end(self._ends.of(sample, end))


class _Live:
    """What is there, with what came in this run of answers that several samples may share.

    What is `asking` is not there before all who wait for it hear of it, though it may be in the files.
    """

    def __init__(self, kept: Kept, asking: Container[str], *, is_empty: bool) -> None:
        self._kept, self._asking, self.is_empty = kept, asking, is_empty
        self.generation = kept.generation
        self._answers: dict[str, StoredAnswer] = {}
        self.dead: dict[str, GivenUp] = {}
        self.told = False  # an answer that came in this run

    def add(self, key: str, answer: StoredAnswer) -> None:
        self._answers[key] = answer

    def answer(self, key: str) -> Read | None:
        answer = self._answers.get(key)
        if answer is None:
            return None if key in self._asking else self._kept.answer(key)
        self.told = True
        return lambda: answer
