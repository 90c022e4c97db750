"""A recipe of several steps, or of one with gates: what of its answers is there, and what its samples have become."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from asyncsynth.engine.belonging import keys_of
from asyncsynth.engine.collaborators import Writer
from asyncsynth.engine.course import Ask, Course, Done, End, course
from asyncsynth.engine.courses import Courses, StepsOf
from asyncsynth.engine.ends import finished, rejected
from asyncsynth.engine.inventory import Inventory
from asyncsynth.engine.kept import Kept
from asyncsynth.engine.refresh import CHANGED_BY_OTHERS, Refreshed
from asyncsynth.engine.shelf import Before
from asyncsynth.engine.stage import Stage, Stages
from asyncsynth.engine.workflow import Work
from asyncsynth.store.contents import Contents
from asyncsynth.store.keys import KeySet
from asyncsynth.store.rendered import course_lines, dead_letter_lines
from asyncsynth.store.store import Store
from asyncsynth.store.views import Lines
from asyncsynth.values import Row, Sample

_PIECE = 256  # samples whose lines are in memory at once


class SeveralSteps:
    """`stages` are the steps in their order, each with what becomes of its answers."""

    def __init__(self, recipe: StepsOf, stages: Stages) -> None:
        self._recipe, self._stages = recipe, stages

    def inventory(self, there: Contents, before: Before | None) -> Inventory:
        """What there is, and what is missing; every sample is looked at, as far as something of it may be there."""
        self._see_in_order(there)
        with there.open_answers(shared=True) as look_up:

            def kept() -> Kept:
                return Kept(there, None if look_up is None else look_up())

            made, dead, belonging = self._counted(there, kept())
            missing = self._recipe.total - made - dead
            limit, accepted = self._recipe.limit, self._recipe.accepted
            wanted = max(0, min(limit - made - dead, missing)) if limit else missing
            wanted = max(0, min(accepted - made, wanted)) if accepted else wanted
            left = len(there.answered) - len(belonging)
            by_step = self._requests(kept(), there, wanted)
        found = Inventory(made, dead, wanted, sum(by_step.values()), left, by_step=by_step)
        if before is None or before.order == self._recipe.order or not (left and wanted):
            return found
        return found._replace(newly_left=_newly_left(before, there, belonging))

    def refresh(self, store: Store, inventory: Inventory) -> Refreshed:  # noqa: ARG002 - see Workflow
        """The views are rendered anew unless they hold what was noted, and nothing came since."""
        views, note, anew = store.open_views(), "", 0
        same = views.known.recipe == self._recipe.fingerprint
        complete = same and not (store.new_answers or store.new_dead or store.cleared)
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

    def belonging(self, there: Contents) -> KeySet:
        """The keys of all answers that belong to a sample, of all steps and takes."""
        self._see_in_order(there)
        with there.open_answers(shared=True) as look_up:
            _, _, belonging = self._counted(there, Kept(there, None if look_up is None else look_up()))
            return belonging

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
            end=writer.ended,
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

    def _counted(self, there: Contents, kept: Kept) -> tuple[int, int, KeySet]:
        """Samples with a record, samples that were given up, and the keys of all answers that belong."""
        made = dead = 0
        belonging, letters = KeySet(), set[str]()
        if not len(there.answered) and not there.dead:
            return made, dead, belonging
        alone = not self._recipe.alike
        for sample, state in self._states(kept):
            for one in keys_of(self._stages, sample, kept):
                belonging.add(one)
            if isinstance(state, Done):
                made += 1
            elif (key := _dead_key(sample, state, there)) is not None:
                dead += 1
                letters.add(key)
            elif not isinstance(state, Ask | None):
                dead += 1
            if alone and len(belonging) == len(there.answered) and len(letters) == len(there.dead):
                break
        return made, dead, belonging

    def _requests(self, kept: Kept, there: Contents, wanted: int) -> Counter[str]:
        """By step, the calls that so many of the missing samples need if every answer is taken."""
        asking = [stage for stage in self._stages if isinstance(stage, Stage) and stage.turn is None]
        all_ask = len(asking) == len(self._stages)  # how many turns a dialogue has depends on the sample
        if all_ask and not self._recipe.alike and not len(there.answered) and not there.dead:
            return Counter({stage.step.lane: wanted for stage in asking})
        asked, missing, by_step = KeySet(), 0, Counter[str]()
        for sample in self._recipe.samples() if wanted else ():
            if sample.problem is not None:
                missing += sample.key not in there.dead
            else:
                way = course(self._stages, sample, kept)
                ask = next(way, None)
                if ask is not None and ask.key not in there.dead:
                    missing += 1
                    while ask is not None:
                        by_step[ask.step] += asked.add(ask.key)
                        ask = _assumed(way, ask)
            if missing == wanted:
                break
        return by_step

    def _states(self, kept: Kept) -> Iterator[tuple[Sample, Ask | End | None]]:
        """Every sample with its next request, or its end; None where its first request can't be rendered."""
        for sample in self._recipe.samples():
            if sample.problem is not None:
                yield sample, None
                continue
            way = course(self._stages, sample, kept)
            try:
                yield sample, next(way)
            except StopIteration as stop:
                yield sample, stop.value

    def _pieces(self, there: Contents) -> Iterator[list[Lines]]:
        """What all samples that have their end bring to the views."""
        lines = self._lines(there)
        while piece := list(islice(lines, _PIECE)):
            yield piece

    def _lines(self, there: Contents) -> Iterator[Lines]:
        if not len(there.answered) and not there.dead:
            return
        with there.open_answers(shared=True) as look_up:
            for sample, state in self._states(Kept(there, None if look_up is None else look_up())):
                if isinstance(state, Done):
                    yield course_lines(finished(self._recipe, self._stages, sample, state))
                elif (key := _dead_key(sample, state, there)) is not None:
                    row = Row(self._recipe.columns(sample.combination), sample.repeat, {})
                    yield dead_letter_lines(there.dead[key], (row,))
                elif state is not None and not isinstance(state, Ask):
                    yield course_lines(rejected(self._recipe, sample, state))


def _dead_key(sample: Sample, state: Ask | End | None, there: Contents) -> str | None:
    """The key of the dead letter that ended this sample; None where there is none."""
    key = sample.key if state is None else state.key if isinstance(state, Ask) else None
    return key if key in there.dead else None


def _assumed(way: Course, ask: Ask) -> Ask | None:
    """What is asked next if the answer to this is taken."""
    try:
        return way.send(ask.answered(None))
    except StopIteration:
        return None


def _newly_left(before: Before, there: Contents, belonging: KeySet) -> int:
    """Answers that belonged to the recipe before and belong no longer."""
    answered, known = there.answered, len(belonging)
    for key in before.sample_keys():
        if key in answered and belonging.add(key) and len(belonging) == len(answered):
            break
    return len(belonging) - known
