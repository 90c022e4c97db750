"""What is wrong with a value that does not fit its schema, for people and for the model that wrote it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from asyncsynth.config.shown import shown
from asyncsynth.text import printable_line

MOST_CHARACTERS = 200
MOST_WORDS = 20  # of a choice
_TYPES = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
_BOUNDS = {
    "minimum": "must be at least {}",
    "maximum": "must be at most {}",
    "exclusiveMinimum": "must be above {}",
    "exclusiveMaximum": "must be below {}",
    "multipleOf": "must be a multiple of {}",
    "minLength": "must have at least {} characters",
    "maxLength": "must have at most {} characters",
    "minItems": "must have at least {} members",
    "maxItems": "must have at most {} members",
    "minProperties": "must have at least {} fields",
    "maxProperties": "must have at most {} fields",
    "const": "must be {}",
    "format": "is not of the format {}",
}


def why(misfit: Any, patterns: Mapping[str, str]) -> str:
    """A clause like "acts[0] must be a text, not 3"; `patterns` are what the validator's words for them mean."""
    place = printable_line(str(misfit.name or "data").removeprefix("data").removeprefix("."), 80) or "it"
    rule, definition = misfit.rule, misfit.definition if isinstance(misfit.definition, Mapping) else {}
    wanted = definition.get(rule)
    if rule in _BOUNDS:
        what = _BOUNDS[rule].format(shown(wanted))
    elif rule in _WORDS:
        what = _WORDS[rule](wanted, misfit.value, definition)
    elif rule == "pattern":
        what = f"does not match {patterns[str(wanted)]}"
    else:
        what = f"does not do what {rule or 'it'} says"
    return printable_line(f"{place} {what}", MOST_CHARACTERS)


def _missing(wanted: Any, value: Any, _definition: Mapping[str, Any]) -> str:
    return f"has no {_or(shown(name) for name in wanted if name not in value)}"


def _further(_wanted: Any, value: Any, definition: Mapping[str, Any]) -> str:
    known = definition.get("properties", {})
    return f"has {_or(shown(name) for name in value if name not in known)}, which is not a field"


_WORDS: Mapping[str, Callable[[Any, Any, Mapping[str, Any]], str]] = {
    "type": lambda wanted, value, _: f"must be {_or(_TYPES[one] for one in _listed(wanted))}, not {_kind(value)}",
    "enum": lambda wanted, value, _: f"must be {_or(map(shown, wanted))}, not {_kind(value)}",
    "required": _missing,
    "additionalProperties": _further,
    "uniqueItems": lambda *_: "has a member twice",
    "anyOf": lambda *_: "fits none of the forms that the schema allows",
}


def _kind(value: Any) -> str:
    """A value itself where it is short, else what it is."""
    if isinstance(value, dict | list):
        return _TYPES["object" if isinstance(value, dict) else "array"]
    return shown(value)


def _listed(wanted: Any) -> list[Any]:
    return wanted if isinstance(wanted, list) else [wanted]


def _or(words: Iterable[str]) -> str:
    *others, last = list(words)[:MOST_WORDS] or ["something"]
    return f"{', '.join(others)} or {last}" if others else last
