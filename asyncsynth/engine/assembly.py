"""The views of recipes whose records are put together from the cells of axes, without a rendering for each sample."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from asyncsynth.store.dead_letter import DeadLetter
from asyncsynth.store.lookup import Lookup
from asyncsynth.store.record_form import RecordForm
from asyncsynth.store.rendered import dead_letter_lines
from asyncsynth.store.views import Lines
from asyncsynth.values import AxisCells, RecordCells, Row

_PIECE = 256  # samples whose lines are in memory at once

KeyedRows = Iterator[tuple[str, tuple[Any, ...]]]


class Assembled(Protocol):
    """A recipe that may have `cells`; then `rows` gives, for each repeat, every sample's key and its row, in order."""

    @property
    def cells(self) -> RecordCells | None: ...
    def rows(self, cells: Sequence[AxisCells]) -> Iterator[tuple[int, KeyedRows]]: ...


class Assembly:
    """Puts together what rendering each sample would make."""

    def __init__(self, recipe: Assembled, cells: RecordCells, form: RecordForm) -> None:
        self._recipe, self._form = recipe, form
        self._combination = cells.combination

    def lines(self, letters: Mapping[str, DeadLetter], answers: Lookup, known: int | None) -> Iterator[Lines]:
        """What all samples bring to the views, in pieces; ends when `known` of them had something to bring."""
        width, names, found = len(self._form.cells), tuple(self._combination), 0
        for repeat, rows in self._recipe.rows([*self._form.cells, *self._combination.values()]):
            line, records, failures = self._form.of_repeat(repeat), list[bytes](), list[bytes]()
            for key, row in rows:
                raw = key.encode()
                answer = answers.parts(raw)
                if answer is not None:
                    records.append(line(raw, row, answer))
                elif key in letters:
                    combination = dict(zip(names, row[width:], strict=False))
                    failures += dead_letter_lines(letters[key], (Row(combination, repeat, {}),)).failures
                else:
                    continue
                found += 1
                if len(records) + len(failures) == _PIECE or found == known:
                    yield Lines(records, failures)
                    records, failures = [], []
                    if found == known:
                        return
            yield Lines(records, failures)


def assembly_of(recipe: Assembled) -> Assembly | None:
    """None for a recipe whose samples have to be rendered one by one."""
    cells = recipe.cells
    if cells is None:
        return None
    try:
        return Assembly(recipe, cells, RecordForm(cells))
    except TypeError:  # a cell that is no JSON as it stands
        return None
