"""Brings the views up to date with the answers and the present recipe; no call is sent, nothing is paid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Protocol

from msgspec import Struct

from asyncsynth.engine.assembly import Assembled, assembly_of
from asyncsynth.engine.inventory import Inventory
from asyncsynth.engine.rows import Fields, row_of
from asyncsynth.engine.shelf import Samples
from asyncsynth.store.answers import answer_of
from asyncsynth.store.contents import Contents
from asyncsynth.store.lookup import Lookup
from asyncsynth.store.rendered import answer_lines, dead_letter_lines
from asyncsynth.store.store import Store
from asyncsynth.store.views import Lines, Views
from asyncsynth.values import Row, Sample

CHANGED_BY_OTHERS = "records.jsonl or failures.jsonl was changed by somebody else, or lost its end; both are made anew"
_PIECE = 256  # samples whose lines are in memory at once


class Recipe(Samples, Fields, Assembled, Protocol):
    @property
    def fingerprint(self) -> str: ...


class Refreshed(Struct, frozen=True):
    """What was done: records rendered anew, and a note for people where somebody had changed a view."""

    anew: int = 0
    note: str = ""


def refresh(recipe: Recipe, store: Store, inventory: Inventory) -> Refreshed:
    """Makes records.jsonl and failures.jsonl what the recipe makes of all that is there.

    They are completed where they hold what was noted of them, else rendered anew. Raises StoreWriteFailed.
    """
    views, anew, note = store.open_views(), 0, ""
    if views.known.recipe != recipe.fingerprint or _twins_are_missing(recipe, store, inventory):
        anew = _make_anew(recipe, store, views)
    elif not _complete(recipe, store, views, inventory):
        anew = _make_anew(recipe, store, views)
        note = CHANGED_BY_OTHERS
    views.show_types_first()
    store.note_views()
    return Refreshed(anew, note)


def _twins_are_missing(recipe: Recipe, store: Store, inventory: Inventory) -> bool:
    """Where samples share answers, only a look at all samples tells what an answer brings."""
    new = store.new_answers or store.new_dead or store.cleared
    return recipe.alike and (bool(new) or store.views.samples != inventory.there)


def rendered(recipe: Recipe, there: Contents, answers: Lookup) -> Iterator[bytes]:
    """The records that the recipe makes of all that is there, for whoever may not write into the directory."""
    for piece in _all_lines(recipe, there, answers):
        for lines in piece:
            yield from lines.records


def _make_anew(recipe: Recipe, store: Store, views: Views) -> int:
    pieces = _all_lines(recipe, store, store.lookup(shared=recipe.alike))
    views.make_anew(pieces, recipe=recipe.fingerprint, order=recipe.order)
    return views.records.extent.lines


def _all_lines(recipe: Recipe, there: Contents, answers: Lookup) -> Iterator[Sequence[Lines]]:
    """What all that is there brings to the views, in pieces."""
    known = _known(recipe, there)
    assembly = assembly_of(recipe) if len(there.answered) else None
    if assembly is None:
        yield from _pieces(_lines(recipe, recipe.samples(), there, answers, known))
        return
    for lines in assembly.lines(there.dead, answers, known):
        yield [lines]


def _known(recipe: Recipe, there: Contents) -> int | None:
    """How many samples have their end, at most; None where several may share one."""
    return None if recipe.alike else len(there.answered) + len(there.dead)


def seem_to_hold(views: Views, inventory: Inventory) -> bool:
    """Whether the views hold what was noted of them; requests do not wait until large ones were read to the end."""
    return views.may_hold() if inventory.to_make else views.hold()


def _complete(recipe: Recipe, store: Store, views: Views, inventory: Inventory) -> bool:
    """Takes out what was dropped or cleared since the views were noted, and adds what came; False where they differ."""
    new = frozenset(key for key in (*store.new_answers, *store.new_dead) if store.has(key))
    start, cleared = store.viewed(recipe.order), store.cleared
    answers = store.lookup(shared=recipe.alike, new_only=True)
    if cleared:
        if not views.leave_out(cleared):
            return False
    elif not seem_to_hold(views, inventory):
        return False
    views.cut()
    if new:
        samples = (sample for sample in recipe.samples(start) if sample.key in new)
        for piece in _pieces(_lines(recipe, samples, store, answers, len(new))):
            views.append(piece)
    views.up_to_date = True
    return True


def _lines(
    recipe: Recipe, samples: Iterator[Sample], store: Contents, answers: Lookup, known: int | None
) -> Iterator[Lines]:
    """What these samples bring to the views; ends when `known` of them had something to bring."""
    letters = store.dead
    found = 0
    for sample in samples if len(store.answered) or letters else ():
        parts = answers.parts(sample.key.encode())
        if parts is not None:
            answer = answer_of(sample.key, parts)
            yield answer_lines(answer, (row_of(recipe, sample, answer.text),))
        elif sample.key in letters:
            letter = letters[sample.key]
            yield dead_letter_lines(letter, (Row(recipe.columns(sample.combination), sample.repeat, {}),))
        else:
            continue
        found += 1
        if found == known:
            return


def _pieces(lines: Iterator[Lines]) -> Iterator[list[Lines]]:
    while piece := list(islice(lines, _PIECE)):
        yield piece
