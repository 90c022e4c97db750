"""The short form of a schema: what an answer's fields are, as a table of TOML, and the JSON Schema that it stands for.

A form is one of:
    "string", "integer", "number", "boolean"     a value of this type
    ["string"]                                   a list, all of whose members have the form within
    ["calm", "angry"]                            one of these values: texts or whole numbers, at least two
    { title = "string", acts = ["string"] }      a table with these fields, all of which are there, and no others
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from asyncsynth.config.shown import shown
from asyncsynth.errors import Problem, nearest
from asyncsynth.values import INT64

TYPES = ("string", "integer", "number", "boolean")
MOST_FIELDS = 500  # of all tables together; services refuse larger ones
DEEPEST = 10  # tables and lists within each other
_FORMS = 'string, integer, number, boolean, a list like ["string"], values to choose from, or a table'


def schema_problems(place: str, given: object) -> list[Problem]:
    """What is wrong with a step's schema: the short form, or the path of a file, whose content is not looked at."""
    if isinstance(given, str):
        return _path_problems(place, given)
    if not isinstance(given, Mapping):
        what = 'must be fields like { title = "string", acts = ["string"] }, or the path of a JSON Schema file'
        return [Problem(place, f"{what}, not {shown(given)}")]
    problems = list(_table_problems(place, given, 1))
    if not problems and (count := _fields_of(given)) > MOST_FIELDS:
        problems.append(Problem(place, f"has {count:,} fields; at most {MOST_FIELDS} are possible"))
    return problems


def json_schema_of(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a short form without problems: no further fields, and all are required.

    The strict modes of OpenAI, Anthropic and Gemini take no other one. No bounds of numbers and texts are in it.
    """
    return {
        "type": "object",
        "properties": {name: _schema_of(form) for name, form in fields.items()},
        "required": list(fields),
        "additionalProperties": False,
    }


def _schema_of(form: Any) -> dict[str, Any]:
    match form:
        case str():
            return {"type": form}
        case [member]:
            return {"type": "array", "items": _schema_of(member)}
        case [first, *_]:
            return {"type": "string" if isinstance(first, str) else "integer", "enum": list(form)}
    return json_schema_of(form)


def _path_problems(place: str, path: str) -> list[Problem]:
    if path in TYPES:
        what = f'must be fields: write {{ answer = "{path}" }} for a single one'
        return [Problem(place, what)]
    return [] if path else [Problem(place, "must not be empty")]


def _table_problems(place: str, fields: Mapping[str, Any], depth: int) -> Iterator[Problem]:
    if not fields:
        yield Problem(place, 'has no fields; write them like title = "string"')
    for name, form in fields.items():
        if not name or not name.isprintable():
            yield Problem(place, f"{shown(name)} can't be the name of a field")
        else:
            yield from _form_problems(f"{place}.{name}", form, depth + 1)


def _form_problems(place: str, form: Any, depth: int) -> Iterator[Problem]:
    if depth > DEEPEST:
        yield Problem(place, f"is nested too deep; at most {DEEPEST} levels are possible")
    elif isinstance(form, Mapping):
        yield from _table_problems(place, form, depth)
    elif isinstance(form, str):
        if form not in TYPES:
            yield Problem(place, f"{shown(form)} is not a form; the forms are {_FORMS}", nearest(form, TYPES))
    elif not isinstance(form, list):
        yield Problem(place, f"must be one of {_FORMS}; not {shown(form)}")
    elif len(form) == 1 and isinstance(form[0], str | list | dict):
        yield from _member_problems(place, form[0], depth)
    else:
        yield from _choice_problems(place, form)


def _member_problems(place: str, member: Any, depth: int) -> Iterator[Problem]:
    """Of the one member of a list: a value to choose from would be alone."""
    if isinstance(member, str) and member not in TYPES:
        what = f'{shown(member)} is not a form; a list is written like ["string"], and a choice has at least two values'
        yield Problem(place, what, nearest(member, TYPES))
    else:
        yield from _form_problems(f"{place}[0]", member, depth + 1)


def _choice_problems(place: str, values: list[Any]) -> Iterator[Problem]:
    kinds = {type(value) for value in values}
    if len(values) < 2:
        yield Problem(place, 'is a list of what? Like ["string"], or a choice of at least two values')
    elif kinds not in ({str}, {int}):
        yield Problem(place, "is a choice, and its values must all be texts or all be whole numbers")
    elif types := [value for value in values if value in TYPES]:
        yield Problem(place, f'is a choice, and {types[0]} is a type: a list is written with one form, like ["string"]')
    elif len(set(values)) < len(values):
        again = next(value for place, value in enumerate(values) if value in values[:place])
        yield Problem(place, f"has {shown(again)} twice")
    elif kinds == {int} and any(value not in INT64 for value in values):
        yield Problem(place, "has a number beyond 64 bits")
    elif "" in values:
        yield Problem(place, "has an empty text to choose")


def _fields_of(form: Any) -> int:
    if isinstance(form, Mapping):
        return len(form) + sum(map(_fields_of, form.values()))
    return sum(map(_fields_of, form)) if isinstance(form, list) else 0
