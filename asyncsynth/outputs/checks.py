"""What trainers refuse, or drop without a word, told before they get it; each rule says where it comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from asyncsynth.errors import Problem, UsageError, nearest
from asyncsynth.outputs.column_types import Type, merged, type_of
from asyncsynth.outputs.examples import Row
from asyncsynth.outputs.formats import FORMATS

_SHOWN = 3  # rows that are named
_TOGETHER_ROLES = {"system", "user", "assistant", "tool"}
_OPENAI_ROLES = {"system", "developer", "user", "assistant", "tool"}
_OPENAI_FEWEST = 10

RowRule = Callable[[Row], str | None]
SetRule = Callable[[Mapping[str, int]], str | None]  # of the examples by split


class Trainer(NamedTuple):
    """A trainer: the formats that it loads, and its rules for rows and for the whole."""

    formats: frozenset[str]
    row: RowRule
    whole: SetRule


class Check:
    """Looks at every row; `finish` raises UsageError with what the trainer would not take."""

    def __init__(self, name: str, form: str) -> None:
        if name not in TRAINERS:
            raise UsageError(
                str(Problem(f"--check {name}", "is not a known trainer", nearest(name, TRAINERS))),
                hint=f"known: {', '.join(TRAINERS)}",
            )
        self._name, self._trainer = name, TRAINERS[name]
        if form not in self._trainer.formats:
            takes = [each for each in FORMATS if each in self._trainer.formats]
            raise UsageError(f"{name} does not load --format {form}", hint=f"it loads: {', '.join(takes)}")
        self._columns = _SameColumns()
        self._keys: dict[str, list[str]] = {}  # what is wrong -> the samples in which it is, of which some are shown
        self._counts: dict[str, int] = {}

    def takes(self, row: Row) -> bool:
        """Whether nothing speaks against a row, as far as it tells alone."""
        return self._trainer.row(row) is None

    def see(self, row: Row, key: str) -> None:
        """A row, and the key of its sample."""
        told = self._trainer.row(row) or self._columns(row)
        if told is not None:
            self._counts[told] = self._counts.get(told, 0) + 1
            keys = self._keys.setdefault(told, [])
            if len(keys) < _SHOWN:
                keys.append(key)

    def finish(self, examples: Mapping[str, int]) -> None:
        """After the last row."""
        lines = [
            f"  {told}: {self._counts[told]:,} of {sum(examples.values()):,} examples, such as {', '.join(keys)}"
            for told, keys in self._keys.items()
        ]
        whole = self._trainer.whole(examples)
        lines += [f"  {whole}"] if whole else []
        if lines:
            raise UsageError(
                "\n".join([f"{self._name} would not take all of this:", *lines]),
                hint="nothing was written; correct [record] in the config, or leave them out with --where",
            )


class _SameColumns:
    """pyarrow, in datasets and pandas, takes the types of the first 10 MB for those of all."""

    def __init__(self) -> None:
        self._type: Type = None

    def __call__(self, row: Row) -> str | None:
        kind = type_of(row)
        if self._type is not None and not _fits(self._type, kind):
            return "other columns or types than those of the first example"
        self._type = merged(self._type, kind)
        return None


def _fits(first: Type, other: Type) -> bool:
    """Whether values of the other type can stand in a column of the first; nulls and empty lists can in any."""
    if isinstance(first, dict) and isinstance(other, dict):
        return first.keys() == other.keys() and all(_fits(first[name], other[name]) for name in first)
    if isinstance(first, list) and isinstance(other, list):
        return _fits(first[0], other[0])
    return first is None or other is None or first == other


def _roles(row: Row) -> list[str]:
    """Of a dialogue, under any of its names; none where the row is no dialogue."""
    turns: list[Any] = row.get("messages") or row.get("conversations") or row.get("input", {}).get("messages", [])
    return [turn.get("role") or turn["from"] for turn in turns]


def _anything(_: object) -> None:
    """No rule beyond that of the columns."""


def _turns_of_llama_factory(row: Row) -> str | None:
    """data/converter.py: other rows are skipped with a warning in the log."""
    if "messages" not in row:
        return None
    roles = _roles(row)
    turns = roles[1:] if roles[0] == "system" else roles
    return None if turns == ["user", "assistant"] * (len(turns) // 2) else "user and assistant don't take turns"


def _roles_of_together(row: Row) -> str | None:
    """together.utils.files: known roles, none twice in a row, and no answer at the end of what is to be answered."""
    roles = _roles(row)
    unknown = sorted(set(roles) - _TOGETHER_ROLES)
    if unknown:
        return f"the role {unknown[0]}"
    if any(one == other for one, other in pairwise(roles)):
        return "two turns of the same role one after the other"
    return "the last turn of the input is the assistant's" if "input" in row and roles[-1] == "assistant" else None


def _roles_of_openai(row: Row) -> str | None:
    """The data-preparation page of its cookbook, and its reference of fine-tuning input."""
    unknown = sorted(set(_roles(row)) - _OPENAI_ROLES)
    if unknown:
        return f"the role {unknown[0]}"
    last = row["messages"][-1]["role"] if "messages" in row else "assistant"
    return None if last == "assistant" else "the last turn is not the assistant's"


def _enough_for_openai(examples: Mapping[str, int]) -> str | None:
    number = examples.get("train", sum(examples.values()))
    return None if number >= _OPENAI_FEWEST else f"a training set has at least {_OPENAI_FEWEST} examples, not {number}"


def _files_of_mlx(examples: Mapping[str, int]) -> str | None:
    """mlx_lm/tuner/datasets.py: without train.jsonl it stops, without valid.jsonl it trains blindly."""
    for file, names in (("train.jsonl", {"train"}), ("valid.jsonl", {"valid", "validation"})):
        if names.isdisjoint(examples):
            return f"{file} would have no example"
    return None


TRAINERS = {
    "trl": Trainer(frozenset({"completions", "chat", "sharegpt", "preference", "hub"}), _anything, _anything),
    "llama-factory": Trainer(
        frozenset({"completions", "chat", "sharegpt", "alpaca", "preference"}), _turns_of_llama_factory, _anything
    ),
    "together": Trainer(frozenset({"completions", "chat", "preference-openai"}), _roles_of_together, _anything),
    "openai": Trainer(frozenset({"chat", "preference-openai"}), _roles_of_openai, _enough_for_openai),
    "mlx": Trainer(frozenset({"mlx"}), _anything, _files_of_mlx),
    "datasets": Trainer(frozenset(FORMATS) - {"folders"}, _anything, _anything),
}
