"""What changed between two recipes, from the facts that their manifests hold, in lines for people."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from asyncsynth.recipe.canonical import canonical, with_integral_floats_as_integers
from asyncsynth.recipe.facts import read

SHOWN = 60  # characters of a value or line that are shown
BEFORE = 12  # of them, before the first one that differs
WITH_VALUES = ("axes", "combinations")  # sections that hold values of axes
ORDERED = ("axes", "steps")  # sections of names whose order decides something
_MISSING = object()


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """One line for each change, sorted by place; empty where both ask the same.

    The training examples are left out: they are rendered anew for nothing.

    `endpoint.parameters.temperature: 1.0 -> 0.7`, `axes.genre: + "western", - "horror"`,
    `prompt.request: line 3: "a film" -> "a story"`. Lists are compared as sets. Another order of axes or steps is told
    where nothing else has changed.
    """
    return list(_changes("", _asking(old), _asking(new))) or [
        f"{section}: other order" for section in ORDERED if list(old.get(section) or ()) != list(new.get(section) or ())
    ]


def _asking(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts without the record, and with the integers that JSON could not hold."""
    return {name: _read(fact) if name in WITH_VALUES else fact for name, fact in facts.items() if name != "record"}


def _read(section: Any) -> Any:
    if not isinstance(section, Mapping):
        return section
    # A list is one of values; the seed alone may be an integer in a list of its own.
    return {name: read(fact) if name == "seed" else _values(fact) for name, fact in section.items()}


def _values(fact: Any) -> Any:
    """Lists of values, also those in a table of an axis, as the config has them."""
    if isinstance(fact, list):
        return list(map(read, fact))
    if isinstance(fact, Mapping):
        return {name: _values(part) for name, part in {**fact, **fact.get("values", {})}.items() if name != "values"}
    return fact


def _changes(place: str, old: Any, new: Any) -> Iterator[str]:
    if _same(old, new):
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in sorted({*old, *new}):
            inner = f"{place}.{name}" if place else name
            yield from _changes(inner, old.get(name, _MISSING), new.get(name, _MISSING))
    elif isinstance(old, list | tuple) and isinstance(new, list | tuple):
        yield f"{place}: {_list_change(list(old), list(new))}"
    elif isinstance(old, str) and isinstance(new, str) and "\n" in old + new:
        for line in _line_changes(old, new):
            yield f"{place}: {line}"
    else:
        yield f"{place}: {_pair(old, new)}"


def _same(old: Any, new: Any) -> bool:
    if old is _MISSING or new is _MISSING:
        return False
    return canonical(with_integral_floats_as_integers(old)) == canonical(with_integral_floats_as_integers(new))


def _list_change(old: list[Any], new: list[Any]) -> str:
    before, after = {canonical(one): one for one in old}, {canonical(one): one for one in new}
    added = [f"+ {_shown(one)}" for name, one in after.items() if name not in before]
    removed = [f"- {_shown(one)}" for name, one in before.items() if name not in after]
    return ", ".join([*added, *removed]) or "other order"


def _line_changes(old: str, new: str) -> Iterator[str]:
    """Changed lines, numbered as in the new text; removed ones as in the old."""
    before, after = old.split("\n"), new.split("\n")
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if tag == "equal":
            continue
        paired = min(old_to - old_from, new_to - new_from)
        for step in range(paired):
            yield f"line {new_from + step + 1}: {_pair(before[old_from + step], after[new_from + step])}"
        for number in range(old_from + paired, old_to):
            yield f"line {number + 1}: - {_shown(before[number])}"
        for number in range(new_from + paired, new_to):
            yield f"line {number + 1}: + {_shown(after[number])}"


def _pair(old: Any, new: Any) -> str:
    if isinstance(old, str) and isinstance(new, str):
        start = _first_difference(old, new)
        return f"{_shown(old, start)} -> {_shown(new, start)}"
    return f"{_shown(old)} -> {_shown(new)}"


def _first_difference(old: str, new: str) -> int:
    return next(
        (at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), min(len(old), len(new))
    )


def _shown(value: Any, difference: int = 0) -> str:
    """A value as JSON; a long text as the part around `difference`, the first character to be seen."""
    if value is _MISSING:
        return "not set"
    if isinstance(value, str) and len(value) > SHOWN:
        start = max(0, min(difference - BEFORE, len(value) - SHOWN))
        end = start + SHOWN
        value = f"{'...' if start else ''}{value[start:end]}{'...' if end < len(value) else ''}"
    text = canonical(value)
    return text if isinstance(value, str) or len(text) <= 2 * SHOWN else f"{text[: 2 * SHOWN]}..."
