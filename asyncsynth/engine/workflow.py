"""What a run and those who look at its directory ask of a recipe, whether it has one step or several."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from msgspec import Struct

from asyncsynth.engine.collaborators import Courses, Writer
from asyncsynth.engine.inventory import Inventory, take_inventory
from asyncsynth.engine.missing import Requests, missing
from asyncsynth.engine.refresh import Recipe, Refreshed, refresh, rendered
from asyncsynth.engine.rows import Rows
from asyncsynth.engine.shelf import Before
from asyncsynth.store.contents import Contents
from asyncsynth.store.funnel import Figures
from asyncsynth.store.keys import KeySet
from asyncsynth.store.store import Store
from asyncsynth.values import Wanted


class Work(Struct, frozen=True):
    """What a run has to ask, and what becomes of the answers."""

    requests: Iterator[Wanted | None]
    courses: Courses


class Workflow(Protocol):
    """How the samples of a recipe are made of answers."""

    def inventory(self, there: Contents, before: Before | None) -> Inventory:
        """What of that belongs to the recipe; `before` is the recipe of the last run, None where there was none."""

    def refresh(self, store: Store, inventory: Inventory) -> Refreshed:
        """Makes the views what the recipe makes of all that is there. Raises StoreWriteFailed."""

    def rendered(self, there: Contents) -> Iterator[bytes]:
        """The records that the recipe makes of all that is there, for whoever may not write into the directory."""

    def funnel(self, there: Contents) -> Figures:
        """What becomes of the answers of each step, looked at anew; nothing of a recipe that takes every answer."""

    def belonging(self, there: Contents) -> KeySet:
        """The keys of all answers that belong to the recipe."""

    def work(self, store: Store, inventory: Inventory, writer: Writer, *, noted_every: int, ahead: int) -> Work:
        """What is to be made; it is noted every so many samples how many have their end.

        `ahead`: samples that are sent between the first of a group and the others, where the order has groups.
        """


class OneRecipe(Recipe, Requests, Protocol):
    """A recipe of one step."""


class OneStep:
    """A recipe of one step, whose every answer is a record."""

    def __init__(self, recipe: OneRecipe) -> None:
        self._recipe = recipe

    def inventory(self, there: Contents, before: Before | None) -> Inventory:
        return take_inventory(self._recipe, there, before)

    def refresh(self, store: Store, inventory: Inventory) -> Refreshed:
        return refresh(self._recipe, store, inventory)

    def rendered(self, there: Contents) -> Iterator[bytes]:
        with there.open_answers(shared=self._recipe.alike) as look_up:
            if look_up is not None:
                yield from rendered(self._recipe, there, look_up())

    def funnel(self, there: Contents) -> Figures:
        del there
        return {}

    def belonging(self, there: Contents) -> KeySet:
        keys, answered = KeySet(), there.answered
        for sample in self._recipe.samples():
            if sample.key in answered:
                keys.add(sample.key)
        return keys

    def work(self, store: Store, inventory: Inventory, writer: Writer, *, noted_every: int, ahead: int) -> Work:
        del writer
        requests = missing(self._recipe, store, inventory, noted_every=noted_every, ahead=ahead)
        return Work(requests, Rows(self._recipe, inventory.twins))
