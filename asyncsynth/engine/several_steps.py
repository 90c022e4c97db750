"""A recipe of several steps, or of one with gates: what of its answers is there, and what its samples have become."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice

from msgspec.structs import replace

from asyncsynth.engine.belonging import keys_of
from asyncsynth.engine.collaborators import Writer
from asyncsynth.engine.course import Ask, Course, Done, End, Failed, course
from asyncsynth.engine.courses import Courses, StepsOf
from asyncsynth.engine.ends import finished, rejected
from asyncsynth.engine.inventory import Inventory, halfway_first
from asyncsynth.engine.kept import Kept, Seen
from asyncsynth.engine.passages import Passages
from asyncsynth.engine.refresh import CHANGED_BY_OTHERS, Refreshed
from asyncsynth.engine.shelf import Before
from asyncsynth.engine.stage import Gathering, Stage, Stages, first_lane
from asyncsynth.engine.workflow import Work
from asyncsynth.store.contents import Contents
from asyncsynth.store.funnel import Figures, Funnel
from asyncsynth.store.keys import KeySet
from asyncsynth.store.rendered import course_lines, dead_letter_lines
from asyncsynth.store.store import Store
from asyncsynth.store.views import Lines
from asyncsynth.values import Row, Sample

_PIECE = 256  # samples whose lines are in memory at once


class _Counted:
    """Samples by their ends; of those that are missing, in order, the place of the first step that is.

    `halfway`: the numbers of those that go first where not all are wanted, and `halfway_from` their places.
    """

    def __init__(self) -> None:
        self.made = self.dead = 0
        self.missing_from, self.halfway_from = array("H"), array("H")
        self.halfway = array("Q")

    def add_missing(self, number: int, place: int, *, halfway: bool) -> None:
        if halfway:
            self.halfway.append(number)
            self.halfway_from.append(place)
        else:
            self.missing_from.append(place)


class SeveralSteps:
    """`stages` are the steps in their order, each with what becomes of its answers."""

    def __init__(self, recipe: StepsOf, stages: Stages) -> None:
        self._recipe, self._stages = recipe, stages

    def inventory(self, there: Contents, before: Before | None) -> Inventory:
        """What there is, and what is missing; samples are looked at as far as something of them may be there."""
        self._see_in_order(there)
        with self._kept(there) as kept:
            counted = self._counted(there, kept)
            belonging = self._belonging(there, kept)
        made, dead, recipe = counted.made, counted.dead, self._recipe
        missing = recipe.total - made - dead
        wanted = max(0, min(recipe.limit - made - dead, missing)) if recipe.limit else missing
        wanted = max(0, min(recipe.accepted - made, wanted)) if recipe.accepted else wanted
        left = len(there.answered) - len(belonging)
        all_alike = not (recipe.alike or self._lengths_differ)
        first = counted.halfway if wanted < missing else ()
        by_step = self._requests(counted, wanted) if all_alike else self._requests_one_by_one(there, wanted, first)
        found = Inventory(made, dead, wanted, sum(by_step.values()), left, halfway=first, by_step=by_step)
        if before is None or before.order == recipe.order or not (left and wanted):
            return found
        return replace(found, newly_left=_newly_left(before, there, belonging))

    def refresh(self, store: Store, inventory: Inventory) -> Refreshed:
        """The views are rendered anew unless they hold what was noted, nothing came since, and all ends are in them.

        A sample that a run did not come to may have its end by an answer that it shares with others.
        """
        views, note, anew = store.open_views(), "", 0
        same = views.known.recipe == self._recipe.fingerprint
        ends = views.records.extent.lines + views.failures.extent.lines
        complete = same and not (store.new_answers or store.new_dead or store.cleared)
        complete = complete and ends == inventory.there + inventory.dead
        if complete and views.hold():
            views.cut()
            views.up_to_date = True
        else:
            views.make_anew(self._pieces(store), recipe=self._recipe.fingerprint, order=self._recipe.order)
            anew = 0 if same else views.records.extent.lines
            if complete:
                note = CHANGED_BY_OTHERS
        views.show_types_first()
        store.note_views()
        return Refreshed(anew, note)

    def rendered(self, there: Contents) -> Iterator[bytes]:
        """The records of all samples that have one."""
        self._see_in_order(there)
        for piece in self._pieces(there):
            for lines in piece:
                yield from lines.records

    def funnel(self, there: Contents) -> Figures:
        """What became of all takes of all samples."""
        self._see_in_order(there)
        counted = Funnel()
        counted.add(passage for lines in self._lines(there) for passage in lines.passages)
        return counted.figures

    def belonging(self, there: Contents) -> KeySet:
        """The keys of all answers that belong to a sample, of all steps and takes."""
        with self._kept(there) as kept:
            return self._belonging(there, kept)

    def work(self, store: Store, inventory: Inventory, writer: Writer, *, noted_every: int, ahead: int) -> Work:
        """The courses of all samples without an end."""
        del ahead  # the samples of a recipe of steps have no groups
        kept = Kept(store, store.lookup(shared=True))
        courses = Courses(
            self._recipe,
            self._stages,
            kept,
            store,
            there=inventory.there,
            given_up=inventory.dead,
            writer=writer,
            halfway=inventory.halfway,
            noted_every=noted_every,
        )
        return Work(courses.requests(), courses)

    def _see_in_order(self, there: Contents) -> None:
        """Shows all answers that are there to those gates that compare them with earlier ones."""
        asking = [stage for stage in self._stages if isinstance(stage, Stage)]
        seen_by = {stage.step.lane: stage.check.in_order for stage in asking if stage.check is not None}
        of_steps = {name: in_order for name, in_order in seen_by.items() if in_order is not None}
        for step, answer in there.answers_in_order(of_steps) if of_steps else ():
            of_steps[step].see(answer)

    def _counted(self, there: Contents, kept: Seen) -> _Counted:
        """How many samples have which end; `kept` has seen the answers on their ways then."""
        counted = _Counted()
        if not len(there.answered) and not there.dead:
            return counted
        for number, (sample, state) in enumerate(self._states(there, kept)):
            if isinstance(state, Done):
                counted.made += 1
            elif isinstance(state, Failed) or _dead_key(sample, state, there) is not None:
                counted.dead += 1
            else:
                place = len(self._stages) if state is None else state.place
                counted.add_missing(number, place, halfway=state is not None and place > 0)
        return counted

    def _belonging(self, there: Contents, kept: Seen) -> KeySet:
        """All answers that belong to a sample; those on its way have been seen, others may be on another one."""
        for sample in self._recipe.samples() if len(kept.keys) < len(there.answered) else ():
            for _ in keys_of(self._stages, sample, kept):
                pass
            if len(kept.keys) == len(there.answered):
                break
        return kept.keys

    def _requests(self, counted: _Counted, wanted: int) -> Counter[str]:
        """By step, the calls that so many of the missing samples need if every answer is taken."""
        places = (counted.halfway_from + counted.missing_from)[:wanted]
        from_step = Counter(places)
        from_step[0] += wanted - len(places)  # samples that nothing is there of
        by_step, samples = Counter[str](), 0
        for place, stage in enumerate(self._stages):
            samples += from_step[place]
            if isinstance(stage, Stage):
                by_step[stage.step.lane] += samples
        return by_step

    def _requests_one_by_one(self, there: Contents, wanted: int, first: Sequence[int]) -> Counter[str]:
        """The same where samples share answers, which are asked for once, or have dialogues of different lengths."""
        asked, missing, by_step = KeySet(), 0, Counter[str]()
        with self._kept(there) as kept:
            for _, sample in halfway_first(self._recipe.samples, first) if wanted else ():
                state = self._state(sample, kept)
                if isinstance(state, Done | Failed) or _dead_key(sample, state, there) is not None:
                    continue
                missing += 1
                if state is not None:
                    for ask in self._assumed(sample, kept):
                        by_step[ask.step] += asked.add(ask.key)
                if missing == wanted:
                    break
        return by_step

    def _assumed(self, sample: Sample, kept: Seen) -> Iterator[Ask]:
        """What a sample asks if every answer is taken."""
        way = course(self._stages, sample, kept)
        ask = next(way, None)
        while ask is not None:
            yield ask
            try:
                ask = way.send(ask.answered(None))
            except StopIteration:
                return

    @contextmanager
    def _kept(self, there: Contents) -> Iterator[Seen]:
        with there.open_answers(shared=True) as look_up:
            yield Seen(there, None if look_up is None else look_up())

    @property
    def _lengths_differ(self) -> bool:
        """Whether how often a sample asks depends on it."""
        return any(stage.dialogue.axis is not None for stage in self._stages if isinstance(stage, Gathering))

    def _each(self, kept: Seen) -> Iterator[tuple[Sample, Ask | End | None]]:
        """Every sample with its next request, or its end; None where its first request can't be rendered."""
        for sample in self._recipe.samples():
            yield sample, self._state(sample, kept)

    def _state(self, sample: Sample, kept: Seen) -> Ask | End | None:
        return None if sample.problem is not None else _state_of(course(self._stages, sample, kept))

    def _states(self, there: Contents, kept: Seen) -> Iterator[tuple[Sample, Ask | End | None]]:
        """The same.

        Ends when all that is there was seen, where no two samples share an answer: whatever follows is missing.
        """
        letters, alone = set[str](), not self._recipe.alike
        for sample, state in self._each(kept):
            yield sample, state
            if (key := _dead_key(sample, state, there)) is not None:
                letters.add(key)
            if alone and len(kept.keys) == len(there.answered) and len(letters) == len(there.dead):
                return

    def _pieces(self, there: Contents) -> Iterator[list[Lines]]:
        """What all samples that have their end bring to the views."""
        lines = self._lines(there)
        while piece := list(islice(lines, _PIECE)):
            yield piece

    def _lines(self, there: Contents) -> Iterator[Lines]:
        if not len(there.answered) and not there.dead:
            return
        with self._kept(there) as kept:
            passages, before = Passages(self._stages, kept, alike=self._recipe.alike), 0
            for sample, state in self._states(there, kept):
                lines = self._lines_of(sample, state, there)
                of_takes = passages.of(sample, state, kept.found - before)
                yield replace(lines, passages=(*lines.passages, *of_takes))
                before = kept.found

    def _lines_of(self, sample: Sample, state: Ask | End | None, there: Contents) -> Lines:
        """What the end of a sample brings, where it has one."""
        if isinstance(state, Done):
            return course_lines(finished(self._recipe, self._stages, sample, state))
        if (key := _dead_key(sample, state, there)) is not None:
            row = Row(self._recipe.columns(sample.combination), sample.repeat, {})
            return dead_letter_lines(
                there.dead[key], (row,), state.step if isinstance(state, Ask) else first_lane(self._stages)
            )
        return course_lines(rejected(self._recipe, sample, state)) if isinstance(state, Failed) else Lines()


def _dead_key(sample: Sample, state: Ask | End | None, there: Contents) -> str | None:
    """The key of the dead letter that ended this sample; None where there is none."""
    key = sample.key if state is None else state.key if isinstance(state, Ask) else None
    return key if key in there.dead else None


def _state_of(way: Course) -> Ask | End:
    """What is asked next, or the end."""
    try:
        return next(way)
    except StopIteration as stop:
        end: End = stop.value
        return end


def _newly_left(before: Before, there: Contents, belonging: KeySet) -> int:
    """Answers that belonged to the recipe before and belong no longer."""
    answered, known = there.answered, len(belonging)
    for key in before.sample_keys():
        if key in answered and belonging.add(key) and len(belonging) == len(answered):
            break
    return len(belonging) - known
