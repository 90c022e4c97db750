"""What of a store belongs to a recipe: what is there, what is to be made, what a change would leave behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace

from asyncsynth.engine.sharing import sharing
from asyncsynth.engine.shelf import Before, Samples, Shelf
from asyncsynth.store.keys import KeySet
from asyncsynth.store.mark import Reach
from asyncsynth.text import count
from asyncsynth.values import Sample


class Inventory(Struct, frozen=True):
    """Samples of a recipe: `there` have their answer, `dead` were given up on, `to_make` are missing and wanted.

    `requests` is how many calls those need at least: samples that ask the same share an answer. `left` answers don't
    belong to the recipe; `newly_left` of them belonged to that of the last run. `twins`: for each request that several
    missing samples share, the positions of all but the first, also of those beyond the limit: they cost nothing.
    `end`: how many samples of the order contain all that is to be asked, where samples may be alike; else None.
    `halfway`: where not all are wanted, the numbers of those samples in the order that have the answer of a first
    step already, and go first.
    """

    there: int
    dead: int
    to_make: int
    requests: int
    left: int = 0
    newly_left: int = 0
    twins: Mapping[str, Sequence[int]] = MappingProxyType({})
    end: int | None = None
    halfway: Sequence[int] = ()
    by_step: Mapping[str, int] = MappingProxyType({})  # the calls of each step, where there are several
    reach: Reach = Reach()  # the same

    @property
    def in_words(self) -> str:
        """The line that a plan and a run begin with."""
        dead = f", {count(self.dead, 'dead letter')} from before" if self.dead else ""
        return f"reuse {self.there:,}, make {self.to_make:,}, {self.left:,} no longer in the recipe{dead}"


def halfway_first(
    samples: Callable[[int], Iterator[Sample]], halfway: Sequence[int], start: int = 0
) -> Iterator[tuple[int, Sample]]:
    """The samples with their numbers: those that are halfway, then all others from `start` on."""
    first = frozenset(halfway)
    if first:
        begin, end = min(first), max(first) + 1
        for number, sample in enumerate(islice(samples(begin), end - begin), begin):
            if number in first:
                yield number, sample
    for number, sample in enumerate(samples(start), start):
        if number not in first:
            yield number, sample


def take_inventory(recipe: Samples, shelf: Shelf, before: Before | None) -> Inventory:
    """Which samples of `recipe` the shelf has; `before` is the recipe of the last run, None where there was none.

    What is there and belongs counts against the limit first, then what was given up. Where the views were made by a
    recipe with the same order, what they hold is the answer; else every sample is looked at.
    """
    if not len(shelf.answered) and not shelf.dead:
        return _to_make(recipe, shelf, there=0, dead=0, left=0)
    if _views_tell(recipe, shelf):
        there = shelf.views.samples + len(shelf.new_answers)
        left = len(shelf.answered) - there
        found = _to_make(recipe, shelf, there=there, dead=len(shelf.dead), left=left)
        if not _may_leave_behind(recipe, found, before):
            return found
    there, dead, belonging = _look(recipe, shelf)
    left = len(shelf.answered) - len(belonging)
    found = _to_make(recipe, shelf, there=there, dead=dead, left=left)
    if before is None or not _may_leave_behind(recipe, found, before):
        return found
    return replace(found, newly_left=_newly_left(before, shelf, belonging))


def _views_tell(recipe: Samples, shelf: Shelf) -> bool:
    same_order = shelf.views.order == recipe.order and not recipe.alike and not shelf.cleared
    return same_order and all(letter.order == recipe.order for letter in shelf.dead.values())


def _may_leave_behind(recipe: Samples, found: Inventory, before: Before | None) -> bool:
    """Whether answers that the recipe before asked for may be left while others are bought."""
    return before is not None and before.order != recipe.order and found.left > 0 and found.to_make > 0


def _look(recipe: Samples, shelf: Shelf) -> tuple[int, int, KeySet]:
    """Samples with an answer, samples with a dead letter, and the keys of the answers that belong."""
    answered, letters, belonging = shelf.answered, shelf.dead, KeySet()
    there = dead = 0
    known, alike = len(answered) + len(letters), recipe.alike
    for sample in recipe.samples():
        key = sample.key
        if key in answered:
            there += 1
            belonging.add(key)
        elif key in letters:
            dead += 1
        else:
            continue
        if there + dead == known and not alike:  # whatever follows is missing
            break
    return there, dead, belonging


def _newly_left(before: Before, shelf: Shelf, belonging: KeySet) -> int:
    """Answers that belonged to the recipe before and belong no longer; adds them to `belonging`."""
    answered, newly_left = shelf.answered, 0
    for key in before.sample_keys():
        if key in answered and belonging.add(key):
            newly_left += 1
            if len(belonging) == len(answered):
                break
    return newly_left


def _to_make(recipe: Samples, shelf: Shelf, *, there: int, dead: int, left: int) -> Inventory:
    missing = recipe.total - there - dead
    wanted = max(0, min(recipe.limit - there - dead, missing)) if recipe.limit else missing
    if not recipe.alike or not wanted:
        return Inventory(there, dead, wanted, wanted, left)
    shared = sharing(recipe, shelf, wanted)
    return Inventory(there, dead, shared.samples, shared.requests, left, twins=shared.twins, end=shared.end)
