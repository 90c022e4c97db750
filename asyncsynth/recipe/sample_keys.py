"""The keys of samples from their places in the order, where nothing has to be rendered for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from asyncsynth.recipe.axis import Held
from asyncsynth.recipe.identity import KeyedRows, KeyForm, Keys
from asyncsynth.recipe.rendering import UUID_NAME
from asyncsynth.recipe.space import Numbered, Space
from asyncsynth.recipe.table import cells_of
from asyncsynth.recipe.templates import RequestTemplates
from asyncsynth.values import AxisCells, Sample


class SampleKeys:
    """The keys of all samples of a space, without their requests."""

    def __init__(self, space: Space, form: KeyForm) -> None:
        self._space, self._form = space, form

    @classmethod
    def of(
        cls, space: Space, keys: Keys, asked: RequestTemplates, columns: Mapping[str, Numbered]
    ) -> SampleKeys | None:
        """None where the requests that these templates make have to be rendered."""
        if asked.request is None:
            return None
        request = cells_of(asked.request, columns, blank=UUID_NAME)
        system = () if asked.system is None else cells_of(asked.system, columns, blank=UUID_NAME)
        if request is None or system is None:
            return None
        form = KeyForm(keys, request, None if asked.system is None else system)
        return cls(space, form) if form.cells else None

    @property
    def held(self) -> list[Numbered]:
        """What rows have to hold behind all else."""
        return held(self._form.cells)

    def rows(self, columns: Sequence[Numbered], start: int = 0) -> Iterator[tuple[int, KeyedRows]]:
        """For each repeat the samples' keys, each with a row that begins with what it has in these columns."""
        width = len(columns)
        for repeat, rows in self._space.rows([*columns, *self.held], start):
            yield repeat, self._form.keyed(repeat, rows, width)

    def keyed(self, repeat: int, rows: Iterator[tuple[object, ...]], before: int) -> KeyedRows:
        """Rows of a repeat with their samples' keys; what is `held` stands in each behind so many others."""
        return self._form.keyed(repeat, rows, before)

    def samples(self, start: int = 0) -> Iterator[Sample]:
        """Every sample but the first `start`, in order."""
        names = self._space.names
        for repeat, rows in self.rows(self._space.columns, start):
            for key, row in rows:
                yield Sample(key, dict(zip(names, row, strict=False)), repeat)


def held(cells: Sequence[AxisCells]) -> list[Numbered]:
    """Columns of these cells."""
    return [(axis, Held(of_axis)) for axis, of_axis in cells]
