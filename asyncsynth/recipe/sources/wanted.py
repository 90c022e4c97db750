"""What the config wants of a source: which columns of which rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from types import NoneType
from typing import Any, Self
from zlib import crc32

from msgspec import Struct

from asyncsynth.config.axis_values import TOLD, at_most
from asyncsynth.config.shown import shown
from asyncsynth.config.sources import Lines, Rows
from asyncsynth.errors import Problem, UsageError, nearest
from asyncsynth.recipe.condition import Condition
from asyncsynth.recipe.permutation import keys_of, mix
from asyncsynth.recipe.sources.source import Told
from asyncsynth.values import Value


class Wrong(Exception):
    """A source that can't be used; raised with what is wrong with it."""

    def __init__(self, place: str, problems: Iterable[str]) -> None:
        super().__init__(place)
        self.problems = list(at_most(TOLD, place, (Problem(place, what) for what in problems)))


class Wanted(Struct, frozen=True):
    """`share` is the least hash of a row that is left out, None where none is; `share_key` is drawn from the seed."""

    name: str
    section: Rows | Lines
    path: Path
    columns: tuple[str, ...] | None
    where: Condition | None
    share: int | None
    share_key: int
    seed: int

    @classmethod
    def of(cls, name: str, section: Rows | Lines, seed: int) -> Self:
        """Raises Wrong for an expression that is none."""
        path = section.rows if isinstance(section, Rows) else section.lines
        columns = section.columns if isinstance(section, Rows) else None
        share = None if section.sample is None else int(section.sample * 2**64)
        kept = None if columns is None else tuple(dict.fromkeys(columns))
        key = keys_of(f"{seed}/sample")[0]
        return cls(name, section, Path(path), kept, _condition(name, section.where), share, key, seed)

    @property
    def place(self) -> str:
        """Where the config names the file."""
        return f"axes.{self.name}.{'rows' if isinstance(self.section, Rows) else 'lines'}"

    def takes(self, raw: bytes) -> bool:
        """Whether the seeded share has a row of these bytes."""
        return self.share is None or mix(crc32(raw), self.share_key) < self.share

    def keeps(self, value: Value) -> bool:
        """Whether `where` holds. UsageError where that can't be said."""
        return self.where is None or self.where.holds({self.name: value})

    def told(
        self,
        read: str,
        types: Mapping[str, frozenset[type]] | None,
        size: int,
        longest: int,
        examples: Sequence[int] = (),
    ) -> Told:
        """What is known of the source; `read` is a digest of all that was read. Raises Wrong for a missing column."""
        section = self.section.model_dump(exclude_none=True)
        asked = {name: part for name, part in section.items() if name not in ("rows", "lines")}
        seed = self.seed if self.share is not None else None
        digest = sha256(json.dumps([asked, seed, read], sort_keys=True).encode()).hexdigest()[:32]
        return Told(self.path, section, digest, self._kept(types), size, longest, tuple(examples))

    def _kept(self, types: Mapping[str, frozenset[type]] | None) -> Mapping[str, frozenset[type]] | None:
        if types is None or self.columns is None:
            return types
        if missing := [name for name in self.columns if types.get(name, _NOTHING) == _NOTHING]:
            words = (f"{self.path} has no column {shown(column)}{_nearest(column, types)}" for column in missing)
            raise Wrong(f"axes.{self.name}.columns", words)
        return {name: types[name] for name in self.columns}


_NOTHING = frozenset({NoneType})


def _nearest(name: str, known: Iterable[Any]) -> str:
    near = nearest(name, known)
    return f"; did you mean {near}?" if near else ""


def _condition(name: str, source: str | None) -> Condition | None:
    if source is None:
        return None
    place = f"axes.{name}.where"
    try:
        condition = Condition(source, "the condition")
    except UsageError as error:
        raise Wrong(place, [error.message]) from None
    if unknown := sorted(condition.names - {name}):
        raise Wrong(place, (f"there is no name {other} here; a column is {name}.{other}" for other in unknown))
    return condition
