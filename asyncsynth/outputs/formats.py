"""The table of formats: which kinds of examples each takes, and where and how it is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from asyncsynth.errors import Problem, UsageError, nearest
from asyncsynth.outputs import rows
from asyncsynth.outputs.examples import Kind, Record
from asyncsynth.outputs.lines import Lines
from asyncsynth.outputs.rows import Row

RowOf = Callable[[Record], Row]


class Writer(Protocol):
    """Takes the rows of all splits one by one; `finish` when there are no more, `close` in any case."""

    def write(self, split: str, row: Row) -> None: ...
    def finish(self) -> None: ...
    def close(self) -> None: ...


def _lines_at(split: str) -> str:
    return f"{split}.jsonl"


@dataclass(frozen=True, slots=True)
class Format:
    """`rows`: what makes a row of a record, for each kind that it takes; `writer` is opened with a path for each split.

    `joins`: its trainers put prompt and answer together as they stand, so blanks between them belong to the answer.
    `suffix`: of a single file, which it may be; None: always a directory. `place`: of a split in a directory.
    """

    rows: Mapping[Kind, RowOf]
    joins: bool = False
    suffix: str | None = ".jsonl"
    place: Callable[[str], str] = _lines_at
    writer: Callable[[Mapping[str, Path]], Writer] = Lines


FORMATS = {
    "completions": Format({Kind.PAIR: rows.completions}, joins=True),
    "chat": Format({Kind.PAIR: rows.chat, Kind.DIALOGUE: rows.dialogue}),
}


def format_named(name: str) -> Format:
    """Raises UsageError that names all formats."""
    if name not in FORMATS:
        problem = Problem(f"--format {name}", "no such format", nearest(name, FORMATS))
        raise UsageError(str(problem), hint=f"formats: {', '.join(FORMATS)}")
    return FORMATS[name]


def row_maker(name: str, kind: Kind | None) -> RowOf:
    """What makes the rows of a format; UsageError where it has no place for records of this kind."""
    if kind is None:
        raise UsageError(
            "the records are no training examples: beside its completion, each needs a prompt, or messages instead",
            hint="set record.prompt in the config; the records are rendered anew, and no answer is paid again",
        )
    row_of = FORMATS[name].rows.get(kind)
    if row_of is None:
        takes = [other for other, form in FORMATS.items() if kind in form.rows]
        raise UsageError(
            f"--format {name} has no place for records that have {kind}",
            hint=f"formats that take them: {', '.join(takes)}",
        )
    return row_of
