"""What scripts give: plain values of Python, in the forms that configs and use cases have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from asyncsynth.app.where import Where
from asyncsynth.errors import UsageError


def plain(given: Any) -> Any:
    """As TOML would give it: mappings as dicts, whatever has members as a list, paths as texts, an enum as its value.

    Also the columns of other libraries' tables, which know themselves as lists of plain values.
    """
    if isinstance(given, Enum):
        return plain(given.value)
    if isinstance(given, str | bytes):
        return given
    if isinstance(given, Mapping):
        return {str(name): plain(part) for name, part in given.items()}
    if isinstance(given, PathLike):
        return fspath(given)
    to_list: Callable[[], Any] | None = getattr(given, "tolist", None)
    if to_list is not None:
        return to_list()
    return list(map(plain, given)) if isinstance(given, Iterable) else given


def texts(given: str | Iterable[str]) -> tuple[str, ...]:
    """Several texts, or a single one."""
    return (given,) if isinstance(given, str) else tuple(given)


def conditions(where: str | Mapping[str, Any] | None) -> tuple[Where, ...]:
    """An expression, or values of axes."""
    if isinstance(where, str):
        return (where,)
    return tuple((axis, _written(value)) for axis, value in (where or {}).items())


def directory(given: str | PathLike[str]) -> Path:
    """The path of a directory. UsageError for an empty one, which would be the working directory."""
    if not fspath(given):
        raise UsageError("the output directory has no name", hint='name one, like output="runs/a"; here is "."')
    return Path(given)


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
