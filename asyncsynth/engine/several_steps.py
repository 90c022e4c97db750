"""A recipe of several steps, or of one with gates: what of its answers is there, and what its samples have become."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Protocol

from msgspec.structs import replace

from asyncsynth.engine.belonging import keys_of
from asyncsynth.engine.collaborators import Writer
from asyncsynth.engine.courses import Courses, StepsOf
from asyncsynth.engine.ends import Ends
from asyncsynth.engine.inventory import Inventory, halfway_first
from asyncsynth.engine.kept import Kept, Seen
from asyncsynth.engine.passages import Passages
from asyncsynth.engine.refresh import CHANGED_BY_OTHERS, Refreshed, seem_to_hold
from asyncsynth.engine.shelf import Before
from asyncsynth.engine.stage import Gathering, Stage, Stages, first_lane
from asyncsynth.engine.standing import (
    Samples,
    Standing,
    State,
    assumed,
    dead_key,
    since_noted,
    standing,
    standing_since,
    state_of,
    views_tell,
    walk,
)
from asyncsynth.engine.trail import Dead, Done, Failed
from asyncsynth.engine.workflow import Work
from asyncsynth.store.contents import Contents
from asyncsynth.store.funnel import Figures, Funnel
from asyncsynth.store.keys import KeySet
from asyncsynth.store.rendered import course_lines, dead_letter_lines
from asyncsynth.store.store import Store
from asyncsynth.store.views import Lines, Views
from asyncsynth.values import Sample

_PIECE = 256  # samples whose lines are in memory at once


class Recipe(StepsOf, Samples, Protocol):
    """A recipe of steps; its fingerprint changes with what its views hold of the same answers."""

    @property
    def fingerprint(self) -> str: ...


class SeveralSteps:
    """`stages` are the steps in their order, each with what becomes of its answers."""

    def __init__(self, recipe: Recipe, stages: Stages) -> None:
        self._recipe, self._stages, self._ends = recipe, stages, Ends(recipe, stages)

    def inventory(self, there: Contents, before: Before | None) -> Inventory:
        """What there is, and what is missing; samples are looked at as far as something of them may be there."""
        self._see_in_order(there)
        if (before is None or before.order == self._recipe.order) and views_tell(self._recipe, there):
            with self._kept(there, newest_first=True) as kept:
                return self._found(there, standing_since(self._recipe, self._stages, there, kept))
        with self._kept(there) as kept:
            found = standing(self._recipe, self._stages, there, kept)
            belonging = self._belonging(there, kept)
        found.reach = found.reach._replace(left=len(there.answered) - len(belonging))
        inventory = self._found(there, found)
        if before is None or before.order == self._recipe.order or not (inventory.left and inventory.to_make):
            return inventory
        return replace(inventory, newly_left=_newly_left(before, there, belonging))

    def _found(self, there: Contents, found: Standing) -> Inventory:
        made, dead, recipe = found.made, found.dead, self._recipe
        missing = recipe.total - made - dead
        wanted = max(0, min(recipe.limit - made - dead, missing)) if recipe.limit else missing
        wanted = max(0, min(recipe.accepted - made, wanted)) if recipe.accepted else wanted
        first = found.halfway if wanted < missing else ()
        if recipe.alike or self._lengths_differ:
            by_step = self._requests_one_by_one(there, wanted, first, found.reach.ended)
        else:
            by_step = self._requests(found, wanted)
        requests, left = sum(by_step.values()), found.reach.left
        return Inventory(made, dead, wanted, requests, left, halfway=first, by_step=by_step, reach=found.reach)

    def refresh(self, store: Store, inventory: Inventory) -> Refreshed:
        """The views are completed where they tell what they hold, else rendered anew unless all ends are in them.

        A sample that a run did not come to may have its end by an answer that it shares with others.
        """
        views, note, anew = store.open_views(), "", 0
        same = views.known.recipe == self._recipe.fingerprint
        told = same and views_tell(self._recipe, store)
        complete = told or (same and self._all_is_in(views, store, inventory))
        if complete and seem_to_hold(views, inventory):
            views.cut()
            for piece in _pieces(self._new_lines(store)) if told else ():
                views.append(piece)
            views.up_to_date = True
        else:
            views.make_anew(_pieces(self._lines(store)), recipe=self._recipe.fingerprint, order=self._recipe.order)
            anew = 0 if same else views.records.extent.lines
            note = CHANGED_BY_OTHERS if complete else ""
        views.reach = lambda: inventory.reach
        views.show_types_first()
        store.note_views()
        return Refreshed(anew, note)

    def _all_is_in(self, views: Views, store: Store, inventory: Inventory) -> bool:
        ends = views.records.extent.lines + views.failures.extent.lines
        nothing_new = not (store.new_answers or store.new_dead or store.cleared)
        return nothing_new and ends == inventory.there + inventory.dead

    def rendered(self, there: Contents) -> Iterator[bytes]:
        """The records of all samples that have one."""
        self._see_in_order(there)
        for lines in self._lines(there):
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
        del noted_every, ahead  # how many have their end is noted with the views; the samples have no groups
        if self._recipe.alike:
            store.remember_places()
        courses = Courses(self._recipe, self._stages, Kept(store, store.newest_lookup()), inventory, writer)
        store.open_views().reach = courses.reach
        return Work(courses.requests(), courses)

    def _see_in_order(self, there: Contents) -> None:
        """Shows all answers that are there to those gates that compare them with earlier ones."""
        asking = [stage for stage in self._stages if isinstance(stage, Stage)]
        seen_by = {stage.step.lane: stage.check.in_order for stage in asking if stage.check is not None}
        of_steps = {name: in_order for name, in_order in seen_by.items() if in_order is not None}
        for step, answer in there.answers_in_order(of_steps) if of_steps else ():
            of_steps[step].see(answer)

    def _belonging(self, there: Contents, kept: Seen) -> KeySet:
        """All answers that belong to a sample; those on its way have been seen, others may be on another one."""
        for sample in self._recipe.samples() if len(kept.keys) < len(there.answered) else ():
            for _ in keys_of(self._stages, sample, kept):
                pass
            if len(kept.keys) == len(there.answered):
                break
        return kept.keys

    def _requests(self, found: Standing, wanted: int) -> Counter[str]:
        """By step, the calls that so many of the missing samples need if every answer is taken."""
        places = (found.halfway_from + found.missing_from)[:wanted]
        spared = found.spared if len(places) == len(found.halfway_from) + len(found.missing_from) else {}
        from_step = Counter(places)
        from_step[0] += wanted - len(places)  # samples that nothing is there of
        by_step, samples = Counter[str](), 0
        for place, stage in enumerate(self._stages):
            samples += from_step[place]
            if isinstance(stage, Stage):
                by_step[stage.step.lane] += samples
        by_step.subtract(spared)
        return by_step

    def _requests_one_by_one(self, there: Contents, wanted: int, first: Sequence[int], start: int) -> Counter[str]:
        """The same where samples share answers, which are asked for once, or have dialogues of different lengths.

        The first `start` samples have their end.
        """
        asked, missing, by_step = KeySet(), 0, Counter[str]()
        with self._kept(there) as kept:
            for _, sample in halfway_first(self._recipe.samples, first, start) if wanted else ():
                state = state_of(self._stages, sample, kept)
                if isinstance(state, Done | Failed) or dead_key(sample, state, there) is not None:
                    continue
                missing += 1
                if state is not None:
                    for ask in assumed(self._stages, sample, kept):
                        by_step[ask.step] += asked.add(ask.key)
                if missing == wanted:
                    break
        return by_step

    @contextmanager
    def _kept(self, there: Contents, *, newest_first: bool = False) -> Iterator[Seen]:
        with there.open_answers(shared=True, newest_first=newest_first) as look_up:
            yield Seen(there, None if look_up is None else look_up())

    @property
    def _lengths_differ(self) -> bool:
        """Whether how often a sample asks depends on it."""
        return any(stage.dialogue.axis is not None for stage in self._stages if isinstance(stage, Gathering))

    def _lines(self, there: Contents) -> Iterator[Lines]:
        """What all samples bring to the views."""
        if not len(there.answered) and not there.dead:
            return
        with self._kept(there) as kept:
            passages, before = Passages(self._stages, kept, alike=self._recipe.alike), 0
            for sample, state in walk(self._recipe, self._stages, there, kept):
                lines = self._lines_of(sample, state, there)
                of_takes = passages.of(sample, state, kept.found - before)
                yield replace(lines, passages=(*lines.passages, *of_takes))
                before = kept.found

    def _new_lines(self, there: Contents) -> Iterator[Lines]:
        """The same of what came after the views were noted."""
        with self._kept(there, newest_first=True) as kept:
            passages = Passages(self._stages, kept, alike=False, new=frozenset(there.new_answers))
            for each in since_noted(self._recipe, self._stages, there, kept):
                if each.newly:
                    lines = self._lines_of(each.sample, each.state, there)
                    of_takes = passages.of(each.sample, each.state, len(kept.newest))
                    yield replace(lines, passages=(*lines.passages, *of_takes))

    def _lines_of(self, sample: Sample, state: State, there: Contents) -> Lines:
        """What the end of a sample brings, where it has one."""
        if isinstance(state, Done | Failed):
            return course_lines(self._ends.of(sample, state))
        if (key := dead_key(sample, state, there)) is not None:
            lane = state.step if isinstance(state, Dead) else first_lane(self._stages)
            return dead_letter_lines(there.dead[key], (self._ends.without_fields(sample),), lane)
        return Lines()


def _pieces(lines: Iterator[Lines]) -> Iterator[list[Lines]]:
    while piece := list(islice(lines, _PIECE)):
        yield piece


def _newly_left(before: Before, there: Contents, belonging: KeySet) -> int:
    """Answers that belonged to the recipe before and belong no longer."""
    answered, known = there.answered, len(belonging)
    for key in before.sample_keys():
        if key in answered and belonging.add(key) and len(belonging) == len(answered):
            break
    return len(belonging) - known
