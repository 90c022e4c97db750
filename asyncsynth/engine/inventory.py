"""What of a store belongs to a recipe: what is there, what is to be made, what a change would leave behind."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Protocol

from asyncsynth.store.dead_letter import DeadLetter
from asyncsynth.store.keys import KeySet
from asyncsynth.store.mark import Mark
from asyncsynth.values import Sample


class Samples(Protocol):
    """The samples of a recipe, in order. `alike`: some may ask exactly the same; else it is certain that none do."""

    @property
    def total(self) -> int: ...
    @property
    def limit(self) -> int: ...
    @property
    def alike(self) -> bool: ...
    @property
    def order(self) -> str: ...
    def samples(self, start: int = 0) -> Iterator[Sample]: ...
    def position(self, sample: Sample) -> int: ...


class Shelf(Protocol):
    """What is there: keys with an answer, keys with a dead letter, and what the views were noted to hold of them."""

    @property
    def answered(self) -> KeySet: ...
    @property
    def dead(self) -> Mapping[str, DeadLetter]: ...
    @property
    def views(self) -> Mark: ...
    @property
    def new_answers(self) -> Sequence[str]: ...
    @property
    def cleared(self) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class Inventory:
    """Samples of a recipe: `there` have their answer, `dead` were given up on, `to_make` are missing and wanted.

    `requests` is how many calls those need at least. Samples that ask the same share an answer, and come all with it:
    the limit may be passed by samples that cost nothing. `left` answers don't belong to the recipe; `newly_left` of
    them belonged to that of the last run. `twins`: for each request that several missing samples share, the positions
    of all but the first. `end`: how many samples of the order contain a first one that is to be asked; None: all.
    """

    there: int
    dead: int
    to_make: int
    requests: int
    left: int = 0
    newly_left: int = 0
    twins: Mapping[str, Sequence[int]] = field(default_factory=dict)
    end: int | None = None


def take_inventory(recipe: Samples, shelf: Shelf, before: Samples | None) -> Inventory:
    """Which samples of `recipe` the shelf has; `before` is the recipe of the last run, None where there was none.

    What is there and belongs counts against the limit first, then what was given up. Where the views were made by a
    recipe with the same order, what they hold is the answer; else every sample is looked at.
    """
    if not len(shelf.answered) and not shelf.dead:
        return _to_make(recipe, shelf, there=0, dead=0, left=0)
    if _views_tell(recipe, shelf):
        there = shelf.views.samples + len(shelf.new_answers)
        left = len(shelf.answered) - there
        return _to_make(recipe, shelf, there=there, dead=len(shelf.dead), left=left)
    there, dead, belonging = _look(recipe, shelf)
    left = len(shelf.answered) - len(belonging)
    found = _to_make(recipe, shelf, there=there, dead=dead, left=left)
    if before is None or not left or not found.to_make:
        return found
    newly_left = _newly_left(before, shelf, belonging)
    return Inventory(there, dead, found.to_make, found.requests, left, newly_left, found.twins, found.end)


def _views_tell(recipe: Samples, shelf: Shelf) -> bool:
    same_order = shelf.views.order == recipe.order and not recipe.alike and not shelf.cleared
    return same_order and all(letter.order == recipe.order for letter in shelf.dead.values())


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


def _newly_left(before: Samples, shelf: Shelf, belonging: KeySet) -> int:
    """Answers that belonged to the recipe before and belong no longer; adds them to `belonging`."""
    answered, newly_left = shelf.answered, 0
    for sample in before.samples():
        if sample.key in answered and belonging.add(sample.key):
            newly_left += 1
            if len(belonging) == len(answered):
                break
    return newly_left


def _to_make(recipe: Samples, shelf: Shelf, *, there: int, dead: int, left: int) -> Inventory:
    missing = recipe.total - there - dead
    wanted = max(0, min(recipe.limit - there - dead, missing)) if recipe.limit else missing
    if not recipe.alike or not wanted:
        return Inventory(there, dead, wanted, wanted, left)
    return _with_twins(recipe, shelf, wanted, Inventory(there, dead, 0, 0, left))


def _with_twins(recipe: Samples, shelf: Shelf, wanted: int, found: Inventory) -> Inventory:
    """Which requests, from the first one on, bring at least `wanted` of the missing samples."""
    families = _families(recipe, shelf)
    asked, to_make, end = KeySet(), 0, 0
    for number, sample in enumerate(_missing(recipe, shelf), 1):
        if to_make >= wanted:
            break
        if sample is not None and asked.add(sample.key):
            to_make += 1 + len(families.get(sample.key, ()))
            end = number
    twins = {key: positions for key, positions in families.items() if key in asked}
    return replace(found, to_make=to_make, requests=len(asked), twins=twins, end=end)


def _families(recipe: Samples, shelf: Shelf) -> dict[str, array[int]]:
    """For each request that several missing samples share, the positions of all but the first."""
    seen = KeySet()
    families: dict[str, array[int]] = {}
    for sample in _missing(recipe, shelf):
        if sample is not None and not seen.add(sample.key):
            families.setdefault(sample.key, array("Q")).append(recipe.position(sample))
    return families


def _missing(recipe: Samples, shelf: Shelf) -> Iterator[Sample | None]:
    """The samples in order, None in the place of each that has its end."""
    answered, letters = shelf.answered, shelf.dead
    for sample in recipe.samples():
        yield None if sample.key in answered or sample.key in letters else sample


def first_samples(recipe: Samples, number: int) -> Iterator[Sample]:
    """The first so many samples, those that can't be rendered left out."""
    return islice((sample for sample in recipe.samples() if sample.problem is None), number)
