"""JSON in what a model wrote: the whole text, or within code fences and prose.

Nothing is mended that could be meant in two ways: what breaks off, a name that is there twice, NaN and numbers beyond
64 bits make a text unreadable. Halves of UTF-16 pairs become U+FFFD and line breaks within strings stay, both flagged.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any, NamedTuple

from asyncsynth.values import INT64

DEEPEST = 100  # lists and objects within each other
MOST = 100  # JSON values in one text
_INFINITE = (float("inf"), float("-inf"))  # 1e999
# What begins like JSON, and so must be JSON up to its end; a brace in prose is followed by something else.
_OPENINGS = {"{": re.compile(r'\{(?=\s*["}])'), "[": re.compile(r"\[(?=\s*[\[\]{\"0-9tfn-])")}
_SCALARS = frozenset('"-0123456789tfn')  # what else a value begins with
_BLANKS = re.compile(r"[ \t\n\r]*")
_FENCE_BEFORE = re.compile(r"(?:\A|\n)[ \t]*(?:```|~~~)[A-Za-z0-9]*[ \t]*\n?\Z")
_FENCE_AFTER = re.compile(r"\A[ \t]*\n?[ \t]*(?:```|~~~)")


class NoJson(ValueError):
    """There is no JSON, or none that can be read for certain: says why in a clause, like "it has no JSON in it"."""


class Found(NamedTuple):
    """A JSON value, where it stands, and what was around it or mended in it."""

    value: Any
    start: int
    end: int
    flags: tuple[str, ...]


def whole(text: str) -> Found | None:
    """The JSON that is all of the text; None where something else is in it. Raises NoJson where it is broken JSON."""
    start = _BLANKS.match(text).end()  # type: ignore[union-attr]  # it always matches
    first = text[start : start + 1]
    if first not in _OPENINGS:
        return _scalar(text, start) if first in _SCALARS else None
    opening = _OPENINGS[first]
    if opening.match(text, start) is None:
        return None
    found = _decoded(text, start)
    return found if _BLANKS.fullmatch(text, found.end) else None


def found_in(text: str, opens: str) -> list[Found]:
    """All JSON values of a text that begin with `opens`, { or [, and stand in no other one; at least one.

    Raises NoJson, also where one of them is broken: what stands within it would be taken for the whole.
    """
    found: list[Found] = []
    at = 0
    while (opening := _OPENINGS[opens].search(text, at)) is not None:
        if len(found) == MOST:
            raise NoJson(f"it has more than {MOST} JSON values, and must have one")
        document = _decoded(text, opening.start())
        flags = _flags_around(text, document.start, document.end)
        found.append(document._replace(flags=flags + document.flags))
        at = document.end
    if not found:
        raise NoJson("it has no JSON in it")
    return found


def values_in(text: str) -> Iterator[Any]:
    """The objects of a text that can be read, whatever is around them; of the first MOST that begin like one."""
    for opening in islice(_OPENINGS["{"].finditer(text), MOST):
        with suppress(NoJson):
            yield _decoded(text, opening.start()).value


def _scalar(text: str, start: int) -> Found | None:
    """A text, a number, true, false or null that is all of the text, as a schema from a file may want it."""
    try:
        found = _decoded(text, start)
    except NoJson:
        return None
    return found if _BLANKS.fullmatch(text, found.end) else None


def _decoded(text: str, start: int) -> Found:
    flags: tuple[str, ...] = ()
    try:
        try:
            value, end = _STRICT.raw_decode(text, start)
        except json.JSONDecodeError as error:
            if "control character" not in error.msg:
                raise
            value, end = _LENIENT.raw_decode(text, start)
            flags = ("raw_control",)
    except json.JSONDecodeError as error:
        raise NoJson(_broken(text, error)) from None
    except RecursionError:
        raise NoJson(_TOO_DEEP) from None
    except NoJson:
        raise
    except ValueError:  # Python's own limit of digits
        raise NoJson(_TOO_LARGE) from None
    _check(value, 1)
    if _may_have_surrogates(text, start, end) and (mended := _without_surrogates(value)) != value:
        value, flags = mended, (*flags, "lone_surrogate")
    return Found(value, start, end, flags)


def _broken(text: str, error: json.JSONDecodeError) -> str:
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return "its JSON breaks off before its end"
    return f"its JSON is broken at character {error.pos + 1}: {error.msg}"


_TOO_DEEP = f"its JSON is nested more than {DEEPEST} deep"
_TOO_LARGE = "its JSON has a number beyond 64 bits"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise NoJson(f"its JSON has {json.dumps(twice[:60])} twice in one object")
    return made


def _constant(name: str) -> None:
    raise NoJson(f"its JSON has {name}, which is not a JSON number")


_STRICT = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant)
_LENIENT = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, strict=False)


def _check(value: Any, depth: int) -> None:
    """Raises NoJson for a number beyond 64 bits, and for what is nested too deep."""
    if depth > DEEPEST:
        raise NoJson(_TOO_DEEP)
    for part in value.values() if type(value) is dict else value if type(value) is list else (value,):
        kind = type(part)
        if kind is dict or kind is list:
            _check(part, depth + 1)
        elif (kind is int and part not in INT64) or (kind is float and part in _INFINITE):
            raise NoJson(_TOO_LARGE)


def _may_have_surrogates(text: str, start: int, end: int) -> bool:
    return text.find("\\ud", start, end) >= 0 or text.find("\\uD", start, end) >= 0 or not _encodes(text, start, end)


def _encodes(text: str, start: int, end: int) -> bool:
    if text.isascii():
        return True
    try:
        text[start:end].encode()
    except UnicodeEncodeError:
        return False
    return True


def _without_surrogates(value: Any) -> Any:
    return _mapped(value, lambda text: text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if type(value) is str:
        return change(value)
    if type(value) is list:
        return [_mapped(part, change) for part in value]
    if type(value) is dict:
        return {change(name): _mapped(part, change) for name, part in value.items()}
    return value


def _flags_around(text: str, start: int, end: int) -> tuple[str, ...]:
    before, after = text[:start], text[end:]
    opened = _FENCE_BEFORE.search(before)
    closed = _FENCE_AFTER.match(after)
    if opened is not None:
        before = before[: opened.start()]
        after = after[closed.end() :] if closed is not None else after
    flags = ("fenced",) if opened is not None else ()
    return (*flags, "prose_around_json") if before.strip() or after.strip() else flags
