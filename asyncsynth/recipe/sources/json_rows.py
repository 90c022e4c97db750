"""A file of JSON objects, one a line. A column that is null is one that the row lacks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from types import NoneType
from typing import Any, BinaryIO

import orjson

from asyncsynth.recipe.sources.formats import Scanned, chosen
from asyncsynth.recipe.sources.text_lines import not_utf8

_PLACE, _CHARACTER = r": line 1 column (\d+) \(char \d+\)$", r" at its character \1"  # of orjson: of the line alone
_INEXACT = 2.0**63  # orjson makes floats of integers beyond 64 bits


class Huge:
    """Stands for the type of an integer beyond 64 bits."""


class JsonRows:
    """See Format."""

    def __init__(self, columns: tuple[str, ...] | None) -> None:
        self.columns = columns
        self._shapes: set[tuple[tuple[str, ...], tuple[type, ...]]] = set()
        self._huge: set[str] = set()  # columns with integers beyond 64 bits

    @property
    def shapes(self) -> int:
        return len(self._shapes)

    def scan(self, file: BinaryIO) -> Iterator[Scanned]:
        add = self._shapes.add
        for number, raw in enumerate(file, 1):
            try:
                row = self._loads(raw)
            except ValueError as error:
                yield number, raw, None, _why(raw, error) if raw.strip() else None
                continue
            if not isinstance(row, dict):
                yield number, raw, None, f"is not a JSON object: {raw[:40].decode(errors='replace').strip()}"
                continue
            add((tuple(row), tuple(map(type, row.values()))))
            yield number, raw, row, None

    def value(self, row: dict[str, Any]) -> dict[str, Any]:
        if None in row.values():
            row = {name: part for name, part in row.items() if part is not None}
        return row if self.columns is None else chosen(self.columns, row)

    def decode(self, rows: Iterable[bytes], /) -> Iterator[dict[str, Any]]:
        return map(self.value, map(self._loads, rows))

    def texts(self, rows: Iterable[bytes], column: str) -> Iterator[str] | None:
        if self.types().get(column) != frozenset({str}):
            return None
        return (row[column] for row in map(orjson.loads, rows))

    def types(self) -> Mapping[str, frozenset[type]]:
        found: dict[str, set[type]] = {}
        for names, kinds in sorted(self._shapes, key=repr):
            for name, kind in zip(names, kinds, strict=True):
                found.setdefault(name, set()).add(kind)
        for names, _ in self._shapes:
            for name in found.keys() - set(names):
                found[name].add(NoneType)
        for name in self._huge:
            found[name].add(Huge)
        return {name: frozenset(kinds) for name, kinds in found.items()}

    def _loads(self, raw: bytes) -> Any:
        row = orjson.loads(raw)
        if isinstance(row, dict):
            for part in row.values():
                if type(part) is not str and _inexact(part):
                    return self._exactly(raw)
        return row

    def _exactly(self, raw: bytes) -> dict[str, Any]:
        row: dict[str, Any] = json.loads(raw)
        self._huge.update(name for name, part in row.items() if type(part) is int and abs(part) >= _INEXACT)
        return row


def _inexact(part: Any) -> bool:
    """Whether a number in it may be a rounded integer."""
    if type(part) is float:
        return abs(part) >= _INEXACT
    parts = part if type(part) is list else part.values() if type(part) is dict else ()
    return any(map(_inexact, parts))


def _why(raw: bytes, error: ValueError) -> str:
    try:
        raw.decode()
    except UnicodeDecodeError as wrong:
        return not_utf8(wrong)
    return f"is not JSON: {re.sub(_PLACE, _CHARACTER, str(error))}"
