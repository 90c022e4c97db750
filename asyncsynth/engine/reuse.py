"""What of a store belongs to a recipe: what is reused, what is to be made, what a change would leave behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from asyncsynth.store.ledger import Run
from asyncsynth.values import Request, Sample, Value

NOTED_EVERY = 4096  # samples: what a resume has to look at one by one, at least where no kill came


class Recipe(Protocol):
    @property
    def total(self) -> int: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def order(self) -> str: ...
    def samples(self, start: int = 0) -> Iterator[Sample]: ...
    def request(self, sample: Sample, generation: int) -> Request: ...
    def belongs(self, combination: Mapping[str, Value], repeat: int, key: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Reuse:
    """Samples of a recipe: `reuse` are there, `dead` were given up on, `make` are missing.

    `left` records don't belong to the recipe; `newly_left` of them belonged to the recipe of the last run.
    """

    reuse: int
    make: int
    dead: int
    left: int
    newly_left: int

    def __str__(self) -> str:
        dead = f", {self.dead:,} given up before" if self.dead else ""
        return f"reuse {self.reuse:,}, make {self.make:,}, {self.left:,} no longer in the recipe{dead}"


class Shelf(Protocol):
    """What is there: `done` keys have records, `dead` keys dead letters, `runs` made them."""

    @property
    def done(self) -> Any: ...
    @property
    def dead(self) -> Mapping[str, Any]: ...
    @property
    def runs(self) -> Sequence[Run]: ...
    def records(self) -> Iterator[Mapping[str, Any]]: ...


class Store(Protocol):
    """Which samples have their end (a record or a dead letter), and how many from the first one on."""

    def has(self, key: str) -> bool: ...
    def generation(self, key: str) -> int: ...
    def ended(self, order: str) -> int: ...
    def note_ended(self, order: str, samples: int) -> None: ...


def compare(recipe: Recipe, store: Shelf, before: Recipe | None, *, limited: bool) -> Reuse:
    """Which samples of `recipe` the store has.

    `before` is the recipe of the last run; None: it was this one, or there was none. `limited`: the recipe makes only
    the first of its samples. Reads a limited recipe's samples, and every record once where runs of another recipe
    made some of them; an empty store costs nothing.
    """
    if not len(store.done) and not store.dead:
        return Reuse(0, recipe.total, 0, 0, 0)
    belonging, newly_left = len(store.done), 0
    if not _made_by_this(recipe, store.runs):
        belonging, newly_left = _belonging(recipe, store, before)
    left = len(store.done) - belonging
    if not limited:
        dead = sum(recipe.belongs(one.combination, one.repeat, one.key) for one in store.dead.values())
        return Reuse(belonging, max(0, recipe.total - belonging - dead), dead, left, newly_left)
    reuse = dead = 0
    for sample in recipe.samples():
        reuse += sample.key in store.done
        dead += sample.key in store.dead
    return Reuse(reuse, recipe.total - reuse - dead, dead, left, newly_left)


def _made_by_this(recipe: Recipe, runs: Sequence[Run]) -> bool:
    """Whether every record comes from a run of this recipe; limit and seed don't matter, as for the fingerprint."""
    fingerprint = recipe.fingerprint
    return all(run.fingerprint == fingerprint and run.balanced for run in runs if run.totals.records)


def _belonging(recipe: Recipe, store: Shelf, before: Recipe | None) -> tuple[int, int]:
    """Records that belong to the recipe, and those of the others that belonged to `before`; reads them all."""
    belonging = newly_left = 0
    for record in store.records():
        facts = record["combination"], record["repeat"], record["key"]
        if recipe.belongs(*facts):
            belonging += 1
        elif before is not None and before.belongs(*facts):
            newly_left += 1
    return belonging, newly_left


def missing(recipe: Recipe, store: Store, *, noted_every: int = NOTED_EVERY) -> Iterator[Request | None]:
    """The requests of `recipe` that the store lacks, in order; None stands for a sample that is there or under way.

    Samples that ask the same (table values that render alike) have the same key: only the first one is made.
    Begins after the samples that the store knows to have ended, and tells it from time to time how many those are.
    """
    order = recipe.order
    start = store.ended(order)
    under_way: dict[str, int] = {}  # key -> its sample's number, in order
    for number, sample in enumerate(recipe.samples(start), start):
        if number % noted_every == 0 and number > start:
            under_way = {key: of for key, of in under_way.items() if not store.has(key)}
            store.note_ended(order, next(iter(under_way.values()), number))
        if sample.key in under_way or store.has(sample.key):
            yield None
            continue
        under_way[sample.key] = number
        yield recipe.request(sample, store.generation(sample.key))
