"""What the samples of a recipe of steps have become, by a walk along their courses, or as far as the views tell it."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator
from typing import Protocol

from msgspec import Struct

from asyncsynth.engine.belonging import keys_of
from asyncsynth.engine.course import course, first_of
from asyncsynth.engine.kept import Seen
from asyncsynth.engine.level import Ask
from asyncsynth.engine.stage import Stage, Stages, are_side_by_side
from asyncsynth.engine.trail import Dead, Done, End, Failed
from asyncsynth.store.contents import Contents
from asyncsynth.store.mark import Reach
from asyncsynth.values import Sample

State = Ask | End | None  # what a sample asks next, or its end; None where its first request can't be rendered


class Samples(Protocol):
    """The samples of a recipe; `alike`: two may share an answer."""

    @property
    def alike(self) -> bool: ...
    @property
    def order(self) -> str: ...
    def samples(self, start: int = 0) -> Iterator[Sample]: ...


class Standing:
    """Samples by their ends; of those that are missing, in order, the place of the first step that is.

    `halfway`: the numbers of those that go first where not all are wanted, and `halfway_from` their places. `reach` as
    a Mark tells it, but for `left` where that was not noted. `spared`: by step, answers of theirs that are there behind
    a missing one, of which they need nothing.
    """

    def __init__(self, made: int, dead: int, reach: Reach) -> None:
        self.made, self.dead, self.reach = made, dead, reach
        self.missing_from, self.halfway_from = array("H"), array("H")
        self.halfway = array("Q")
        self.spared = Counter[str]()

    def add_missing(self, number: int, place: int, *, halfway: bool) -> None:
        if halfway:
            self.halfway.append(number)
            self.halfway_from.append(place)
        else:
            self.missing_from.append(place)


class Stood(Struct, frozen=True):
    """A sample as it stands; `newly`: it has its end by what came after the views were noted."""

    sample: Sample
    state: State
    newly: bool


def views_tell(recipe: Samples, there: Contents) -> bool:
    """Whether the noted views hold the ends of all samples that had one then.

    Where samples share answers, one may have its end, or another one, by what a run brought for others.
    """
    return there.views.order == recipe.order and not there.cleared and not recipe.alike


def standing(recipe: Samples, stages: Stages, there: Contents, kept: Seen) -> Standing:
    """By a walk along all samples that may have something; `kept` has seen the answers on their ways then."""
    states = walk(recipe, stages, there, kept) if len(there.answered) or there.dead else ()
    stood = (Stood(sample, state, newly=True) for sample, state in states)
    return _standing(stages, there, stood, Standing(0, 0, Reach()), kept)


def standing_since(recipe: Samples, stages: Stages, there: Contents, kept: Seen) -> Standing:
    """The same where the views tell it, by a walk along those samples that had no end when they were noted."""
    mark = there.views
    noted = Standing(mark.samples, mark.failures.lines - mark.unrendered, mark.reach)
    return _standing(stages, there, since_noted(recipe, stages, there, kept), noted, kept)


def _standing(stages: Stages, there: Contents, stood: Iterator[Stood], found: Standing, kept: Seen) -> Standing:
    """What was noted, and what follows from the samples after those that had their end then."""
    number, ended, beside = found.reach.ended, None, are_side_by_side(stages)
    for each in stood:
        state = each.state
        if isinstance(state, Done):
            found.made += each.newly
        elif isinstance(state, Failed) or dead_key(each.sample, state, there) is not None:
            found.dead += each.newly
        else:
            ended = number if ended is None else ended
            place = state.place if isinstance(state, Ask) else len(stages)
            found.add_missing(number, place, halfway=isinstance(state, Ask) and place > 0)
            if beside and isinstance(state, Ask):
                behind = (stage.step.lane for stage in stages[place:] if isinstance(stage, Stage))
                found.spared += Counter(behind) - Counter(ask.step for ask in assumed(stages, each.sample, kept))
        number += 1
    found.reach = Reach(number if ended is None else ended, number, found.reach.left)
    return found


def since_noted(recipe: Samples, stages: Stages, there: Contents, kept: Seen) -> Iterator[Stood]:
    """The samples from the first on that had no end when the views were noted, as far as any may have something."""
    reach, new, letters = there.views.reach, set(there.new_answers), set(there.new_dead)
    for number, sample in enumerate(recipe.samples(reach.ended), reach.ended):
        if number >= reach.begun and not new and not letters:
            return
        state = state_of(stages, sample, kept)
        key = dead_key(sample, state, there)
        newly = key in letters or not new.isdisjoint(kept.newest)
        if newly:
            letters.discard(key or "")
            new.difference_update(keys_of(stages, sample, kept))
        yield Stood(sample, state, newly)


def walk(recipe: Samples, stages: Stages, there: Contents, kept: Seen) -> Iterator[tuple[Sample, State]]:
    """Every sample with its state.

    Ends when all that is there was seen, where no two samples share an answer: whatever follows is missing.
    """
    letters, alone = set[str](), not recipe.alike
    for sample in recipe.samples():
        state = state_of(stages, sample, kept)
        yield sample, state
        if (key := dead_key(sample, state, there)) is not None:
            letters.add(key)
        if alone and len(kept.keys) == len(there.answered) and len(letters) == len(there.dead):
            return


def state_of(stages: Stages, sample: Sample, kept: Seen) -> State:
    """What a sample asks next, or its end; `kept` has on its newest keys what is there for it."""
    kept.newest.clear()
    return None if sample.problem is not None else first_of(course(stages, sample, kept))


def assumed(stages: Stages, sample: Sample, kept: Seen) -> Iterator[Ask]:
    """What a sample asks if every answer is taken."""
    way = course(stages, sample, kept)
    ask = next(way, None)
    while ask is not None:
        yield ask
        try:
            ask = way.send(ask.answered(None))
        except StopIteration:
            return


def dead_key(sample: Sample, state: State, there: Contents) -> str | None:
    """The key of the dead letter that ended this sample; None where there is none."""
    if state is None and sample.key in there.dead:
        return sample.key
    return state.key if isinstance(state, Dead) else None
