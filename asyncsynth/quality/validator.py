"""Checks values by a JSON Schema: no schema and no value takes it for ever, and nothing is fetched.

The library writes a Python function for the schema, and one for each that is referred to. Through these a schema that
is within itself may ask for work that doubles with each level, so their calls are counted. Its regular expressions are
replaced by such that take linear time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from types import FunctionType
from typing import Any, NoReturn

from asyncsynth.config.expressions import finder
from asyncsynth.config.shown import shown
from asyncsynth.errors import ConfigError, Problem
from asyncsynth.quality.dialect import Problems, translated
from asyncsynth.quality.misfits import why

MOST_CALLS = 10_000  # of schemas that are referred to, for one value
LONGEST_FORMATTED = 1_000  # characters of a date, an address or another text with a format
_KEPT = 256  # schemas
_PROBES: tuple[Any, ...] = ({}, [], "", 0, True, None)


class TooMuch(Exception):
    """A schema that is within itself asks for more than MOST_CALLS."""


class Validator:
    """Made once a schema."""

    def __init__(self, schema: Mapping[str, Any], place: str) -> None:
        """Raises ConfigError, which names `place` in the config and the places in the schema."""
        translation = translated(schema)
        finders, unsearchable = _finders(translation.patterns)
        if problems := [*translation.problems, *unsearchable]:
            raise _wrong(place, problems)
        import fastjsonschema  # noqa: PLC0415 - a start must not wait for it

        self._misfit = fastjsonschema.JsonSchemaValueException
        self._patterns = translation.patterns
        self._calls = 0
        try:
            self._check = self._made(translation.schema, finders)
            for probe in _PROBES:
                self._try(probe)
        except (fastjsonschema.JsonSchemaDefinitionException, SyntaxError, MemoryError) as error:
            raise _wrong(place, [("#", f"can't be checked: {error}", None)]) from None
        except RecursionError:
            raise _wrong(place, [("#", "refers to itself without end", None)]) from None
        except TooMuch:
            raise _wrong(place, [("#", "refers to other parts of it more often than can be checked", None)]) from None

    def why_not(self, value: Any) -> str | None:
        """Why a value does not fit, in a clause; None: it does."""
        self._calls = 0
        try:
            self._check(value)
        except self._misfit as misfit:
            return why(misfit, self._patterns)
        except (TooMuch, RecursionError):
            return "it takes too long to be checked"
        except (ArithmeticError, ValueError) as error:  # of numbers that its sums can't take
            return f"it can't be checked: {error}"
        return None

    def _try(self, value: Any) -> None:
        """Only what is wrong with the schema itself comes through."""
        self._calls = 0
        with suppress(self._misfit):
            self._check(value)

    def _made(self, schema: Any, finders: Mapping[str, Callable[[str], bool]]) -> Callable[[Any], Any]:
        check = _owned(_compiled(json.dumps(schema)))
        names: dict[str, Any] = check.__globals__
        names["REGEX_PATTERNS"] = {
            name: _Pattern(finders[name]) if name in finders else _Format(pattern)
            for name, pattern in names["REGEX_PATTERNS"].items()
        }
        for name in [name for name in names if name.startswith("validate__")]:
            names[name] = self._counted(names[name])
        return check

    def _counted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any) -> Any:
            self._calls += 1
            if self._calls > MOST_CALLS:
                raise TooMuch
            return function(*arguments)

        return counted


@lru_cache(_KEPT)
def _compiled(schema: str) -> Callable[[Any], Any]:
    """The library's function for a schema as JSON, which is shared and stays as it is."""
    import fastjsonschema  # noqa: PLC0415 - a start must not wait for it

    check: Callable[[Any], Any] = fastjsonschema.compile(json.loads(schema), handlers=_Nowhere(), use_default=False)
    return check


def _owned(shared: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A copy that has names of its own to look up, with copies of the functions among them."""
    names = dict(shared.__globals__)
    for name, found in names.items():
        if isinstance(found, FunctionType) and found.__globals__ is shared.__globals__:
            names[name] = FunctionType(found.__code__, names, name, found.__defaults__)
    check: Callable[[Any], Any] = names[shared.__name__]
    return check


class _Pattern:
    """Stands for one of Python's compiled patterns."""

    def __init__(self, search: Callable[[str], bool]) -> None:
        self.search = search


class _Format:
    """A pattern of the library's own for a format; some of these take quadratic time."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern

    def match(self, text: str) -> bool:
        return len(text) <= LONGEST_FORMATTED and self._pattern.match(text) is not None


class _Nowhere(dict[str, Any]):
    """Where schemas of other places come from, whatever their address begins with."""

    def __contains__(self, _scheme: object) -> bool:
        return True

    def __getitem__(self, _scheme: str) -> NoReturn:
        raise ValueError("nothing is fetched")


def _finders(patterns: Mapping[str, str]) -> tuple[dict[str, Callable[[str], bool]], Problems]:
    finders: dict[str, Callable[[str], bool]] = {}
    problems: Problems = []
    for name, pattern in patterns.items():
        try:
            finders[name] = finder(pattern)
        except ValueError as error:
            problems.append((f"pattern {shown(pattern)}", str(error), None))
    return finders, problems


def _wrong(place: str, problems: Problems) -> ConfigError:
    return ConfigError(place, tuple(Problem(place, f"{where}: {what}", near) for where, what, near in problems))
