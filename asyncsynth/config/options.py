"""One section of a config: what is wrong with each of its options, in our words, with the nearest valid name."""

from __future__ import annotations

import re
from typing import Any, cast

from pydantic import ValidationError

from asyncsynth.config.prompt import Prompt
from asyncsynth.config.record import Record
from asyncsynth.config.section import Section, options_of, sections_in
from asyncsynth.config.sections import Combinations, Endpoint, Limits, Output, Quality
from asyncsynth.config.shown import shown
from asyncsynth.errors import Problem, nearest

IS_MISSING = "is missing"
SECTIONS: dict[str, type[Section]] = {
    "combinations": Combinations,
    "prompt": Prompt,
    "record": Record,
    "endpoint": Endpoint,
    "limits": Limits,
    "output": Output,
    "quality": Quality,
}
# What says more than that an option is missing, or unknown.
MISSING = {
    "prompt.request": 'is missing: what should be asked? For example request = "A {{ genre }} story."',
    "output.directory": 'is missing: where should everything be kept? For example directory = "runs/mine"',
}
WANTED = {
    "bool_type": "must be true or false",
    "dict_type": "must be a table",
    "float_type": "must be a number",
    "greater_than": "must be above {gt:,.0f}",
    "greater_than_equal": "must be at least {ge:,.0f}",
    "int_type": "must be a whole number",
    "less_than_equal": "must be at most {le:,.0f}",
    "list_type": "must be a list",
    "model_type": "must be a table",
    "string_type": "must be a text",
    "string_unicode": "must be a text in UTF-8",
}
MOVED = {"prompt.record": "is now record.prompt, in a section [record]"}


def home_of(option: str) -> str:
    """Which section an option belongs to, as a message; empty where there is none."""
    homes = [f"[{name}]" for name, model in SECTIONS.items() if option in options_of(model)]
    return f"belongs in {' or '.join(homes)}" if homes else ""


def checked_section(name: str, model: type[Section], table: object) -> tuple[Section | None, list[Problem]]:
    """The section that a table is, and all that is wrong with it; None where anything is."""
    if not isinstance(table, dict):
        return None, [Problem(name, f"must be a table: [{name}]")]
    if not table and model.may_be_left_out():
        return model.left_out(), []
    try:
        return model.model_validate(table), []
    except ValidationError as error:
        problems = [_problem(name, model, cast("dict[str, Any]", detail)) for detail in error.errors()]
    # A misspelt option is one mistake, not an unknown one and a missing one.
    meant = {f"{problem.place.rpartition('.')[0]}.{problem.nearest}" for problem in problems if problem.nearest}
    missing = {name: what for name, what in MISSING.items() if name in meant}
    return None, [
        problem
        for problem in problems
        if not (problem.place in meant and problem.what in (IS_MISSING, missing.get(problem.place)))
    ]


def _problem(name: str, model: type[Section], detail: dict[str, Any]) -> Problem:
    """One pydantic error in our words, with the nearest name of an option or of a choice."""
    location = [part for part in detail["loc"] if not (isinstance(part, str) and "[" in part)]
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in (name, *location))[1:]
    what, near = MOVED.get(place), None
    if what is None:
        what, near = _mistake(place, model, location, detail)
    return Problem(place, what, near)


def _mistake(place: str, model: type[Section], location: list[Any], detail: dict[str, Any]) -> tuple[str, str | None]:
    """What is wrong, and the nearest valid name."""
    given, context = detail.get("input"), detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            near = nearest(location[-1], _options_at(model, location[:-1]))
            home = "" if near else home_of(location[-1])
            return home or "unknown option", near
        case "missing":
            return MISSING.get(place, IS_MISSING), None
        case "literal_error":
            choices = re.findall(r"'([^']*)'", str(context["expected"]))
            return f"{shown(given)} is not one of {', '.join(choices)}", nearest(given, choices)
        case _:
            return wrong_value(detail), None


def wrong_value(detail: dict[str, Any]) -> str:
    """What is wrong with a value, in our words; `detail` is one of pydantic's errors."""
    context = detail.get("ctx", {})
    match detail["type"]:
        case "value_error":
            return str(context["error"])
        case "string_too_short" | "too_short":
            return "must not be empty"
        case kind:
            wanted = WANTED[kind].format(**context) if kind in WANTED else detail["msg"]
            return f"{wanted}, not {shown(detail.get('input'))}"


def _options_at(model: type[Section], location: list[Any]) -> list[str]:
    for part in location:
        if isinstance(part, str):
            model = next(sections_in(options_of(model)[part].annotation))
    return list(options_of(model))
