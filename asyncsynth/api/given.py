"""What scripts give: plain values of Python, in the forms that configs and use cases have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from os import PathLike, fspath
from pathlib import Path
from types import UnionType
from typing import Any

from asyncsynth.app.where import Where
from asyncsynth.errors import UsageError
from asyncsynth.outputs.shares import Shares, shares_of


def plain(given: Any) -> Any:
    """As TOML would give it: mappings as dicts, whatever has members as a list, paths as texts, an enum as its value.

    Also the columns of other libraries' tables, which know themselves as lists of plain values.
    """
    try:
        return _plain(given)
    except RecursionError:
        raise UsageError("a value holds itself, or is nested too deep", hint="give plain lists and tables") from None
    except UnicodeEncodeError as error:
        hint = 'text.encode("utf-8", "replace").decode() puts a question mark there'
        raise UsageError(f"{error.object[:100]!r} has half a character, which can't be sent", hint=hint) from None


def _plain(given: Any) -> Any:
    if isinstance(given, Enum):
        return _plain(given.value)
    if isinstance(given, str | bytes):
        if isinstance(given, str):
            given.encode()  # for its error
        return given
    if isinstance(given, Mapping):
        return {str(name): _plain(part) for name, part in given.items()}
    if isinstance(given, PathLike):
        return fspath(given)
    to_list: Callable[[], Any] | None = getattr(given, "tolist", None)
    if to_list is not None:
        return to_list()
    return list(map(_plain, given)) if isinstance(given, Iterable) else given


def check_type(name: str, given: object, kind: type | UnionType, like: str) -> None:
    """UsageError for an argument of another type; None is one that was left out. `like`: how it is written."""
    if given is not None and not isinstance(given, kind):
        raise UsageError(f"{name}: {given!r} is of the wrong type", hint=f"like {like}")


def texts(name: str, given: str | Iterable[str], like: str) -> tuple[str, ...]:
    """Several texts, or a single one."""
    check_type(name, given, Iterable, like)
    several = (given,) if isinstance(given, str) else tuple(given)
    for one in several:
        check_type(name, one, str, like)
    return several


def shares(split: str | Mapping[str, float] | None) -> Shares | None:
    """The shares of the splits, written as on the command line or by their names."""
    like = 'split={"train": 0.9, "validation": 0.1}'
    check_type("split", split, str | Mapping, like)
    if split is None or isinstance(split, str):
        return None if split is None else shares_of(split)
    for name, share in split.items():
        check_type("split", name, str, like)
        check_type(f"split {name}", share, int | float, like)
    return Shares(split)


def conditions(where: str | Mapping[str, Any] | None) -> tuple[Where, ...]:
    """An expression, or values of axes."""
    check_type("where", where, str | Mapping, 'where={"place": "India"}')
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
