"""The table of formats: which kinds of examples each takes, and where and how it is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

from asyncsynth.errors import Problem, UsageError, nearest
from asyncsynth.outputs import rows
from asyncsynth.outputs.examples import Fault, Kind, Record, Row, fault_in_turns, fault_of
from asyncsynth.outputs.folders import Folders
from asyncsynth.outputs.lines import Lines
from asyncsynth.outputs.shares import WHOLE
from asyncsynth.outputs.tables import Tables

RowOf = Callable[[Record], Row]


class Writer(Protocol):
    """Takes the rows of all splits one by one; `finish` when there are no more, `close` in any case."""

    def write(self, split: str, row: Row) -> None: ...
    def finish(self) -> None: ...
    def close(self) -> None: ...


def _lines_at(split: str, splits: int) -> str:
    del splits
    return f"{split}.jsonl"


def _mlx_lines_at(split: str, splits: int) -> str:
    return _lines_at("valid" if split == "validation" else split, splits)


def _table_at(split: str, splits: int) -> str:
    del splits
    return f"{split}.parquet"


def _hub_table_at(split: str, splits: int) -> str:
    del splits
    return f"data/{split}-00000-of-00001.parquet"


def _folders_at(split: str, splits: int) -> str:
    return split if splits > 1 else "."


class Format(NamedTuple):
    """`rows`: what makes a row of a record, for each kind that it takes; `writer` is opened with a path for each split.

    `joins`: its trainers put prompt and answer together as they stand, so blanks between them belong to the answer.
    `suffix`: of a single file, which it may be; None: always a directory. `place`: of a split in a directory, given how
    many there are. `shares`: how it is split where nobody says; `splits`: the only names that its trainers look for.
    `fault`: what tells why they can't use a record of a kind.
    """

    rows: Mapping[Kind, RowOf]
    joins: bool = False
    suffix: str | None = ".jsonl"
    place: Callable[[str, int], str] = _lines_at
    writer: Callable[[Mapping[str, Path]], Writer] = Lines
    shares: Mapping[str, float] = WHOLE
    splits: frozenset[str] | None = None
    fault: Callable[[Kind], Fault] = fault_of


FORMATS = {
    "completions": Format({Kind.PAIR: rows.completions}, joins=True),
    "chat": Format({Kind.PAIR: rows.chat, Kind.DIALOGUE: rows.dialogue}),
    "sharegpt": Format({Kind.PAIR: rows.sharegpt, Kind.DIALOGUE: rows.sharegpt_dialogue}, fault=fault_in_turns),
    "alpaca": Format({Kind.PAIR: rows.alpaca}),
    "preference": Format({Kind.PREFERENCE: rows.preference}, joins=True),
    "preference-openai": Format({Kind.PREFERENCE: rows.preference_openai}),
    "mlx": Format(
        {Kind.PAIR: rows.completions, Kind.DIALOGUE: rows.dialogue},  # both go through the model's chat template
        suffix=None,
        place=_mlx_lines_at,
        shares={"train": 0.8, "valid": 0.1, "test": 0.1},
        splits=frozenset({"train", "valid", "validation", "test"}),
    ),
    "parquet": Format(dict.fromkeys(Kind, rows.whole), suffix=".parquet", place=_table_at, writer=Tables),
    "hub": Format(dict.fromkeys(Kind, rows.for_hub), joins=True, suffix=None, place=_hub_table_at, writer=Tables),
    "folders": Format(
        {Kind.PAIR: rows.texts, Kind.PREFERENCE: rows.texts}, suffix=None, place=_folders_at, writer=Folders
    ),
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
            hint="set record.prompt in the config; the records are rendered again, and no answer is paid for twice",
        )
    row_of = FORMATS[name].rows.get(kind)
    if row_of is None:
        takes = [other for other, form in FORMATS.items() if kind in form.rows]
        raise UsageError(
            f"--format {name} has no place for records that have {kind}",
            hint=f"formats that take them: {', '.join(takes)}",
        )
    return row_of
