"""What is wrong with a parsed config: every mistake at once, each with its place and the nearest valid name.

Every section is checked even when another one is wrong. What only the recipe can know (template names,
rendering) is checked by recipe.check.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

from pydantic import ValidationError

from asyncsynth.config.axes import checked_axes
from asyncsynth.config.dependent import notes_of
from asyncsynth.config.exclude import exclude_problems
from asyncsynth.config.record import FACT_NAMES, Record
from asyncsynth.config.section import Section, sections_in
from asyncsynth.config.sections import Combinations, Config, Endpoint, Limits, Output, Prompt
from asyncsynth.config.shown import shown
from asyncsynth.config.sources import Axes, Given, Lines, Rows
from asyncsynth.errors import ConfigError, Problem, nearest

IS_MISSING = "is missing"
SECTIONS: dict[str, type[Section]] = {
    "combinations": Combinations,
    "prompt": Prompt,
    "record": Record,
    "endpoint": Endpoint,
    "limits": Limits,
    "output": Output,
}
# What says more than that an option is missing, or unknown.
MISSING = {
    "prompt.request": 'is missing: what shall be asked? For example request = "A {{ genre }} story."',
    "output.directory": 'is missing: where shall everything be kept? For example directory = "runs/mine"',
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
}
MOVED = {"prompt.record": "is now record.prompt, in a section [record]"}


class Checked(NamedTuple):
    """What a config file says and what is wrong with it; a section that is wrong is None."""

    source: str
    axes: Given | None
    sections: Mapping[str, Section | None]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...] = ()
    folder: Path = Path()

    def config(self, further: Iterable[Problem] = (), axes: Axes | None = None) -> Config:
        """The config, or ConfigError with all problems, those of `further` checks included.

        `axes` are these axes with their files open; without, there must be none that stand in files.
        """
        problems = (*self.problems, *further)
        if problems or self.axes is None:
            raise ConfigError(self.source, problems)
        if axes is None:
            axes = {name: axis for name, axis in self.axes.items() if not isinstance(axis, Rows | Lines)}
        return Config(self.source, axes, **cast("Any", dict(self.sections)), notes=self.notes, folder=self.folder)


def check(tree: Mapping[str, Any], source: str, notes: tuple[str, ...] = (), folder: Path = Path()) -> Checked:
    """Check every section of a parsed config; all mistakes are in the answer, none is raised."""
    problems = [_unknown_section(name) for name in tree if name not in ("axes", *SECTIONS)]
    meant = {problem.nearest for problem in problems}  # a misspelt section is one mistake, not a missing one, too
    axes, axis_problems = checked_axes(tree.get("axes"), _checked_section)
    problems += [] if "axes" in meant else axis_problems
    sections: dict[str, Section | None] = {}
    for name, model in SECTIONS.items():
        sections[name], section_problems = _checked_section(name, model, tree.get(name, {}))
        problems += [] if name in meant else section_problems
    problems += [] if "record" in meant else _record_problems(tree)
    if axes is not None and isinstance(combinations := tree.get("combinations"), dict):
        problems += exclude_problems(axes, combinations.get("exclude"))
    told = () if axes is None or problems else notes_of(axes)
    return Checked(source, axes, sections, tuple(problems), (*notes, *told), folder)


def _unknown_section(name: str) -> Problem:
    home = _home_of(name)
    return Problem(name, home, None) if home else Problem(name, "unknown section", nearest(name, ("axes", *SECTIONS)))


def _home_of(option: str) -> str:
    """Which section an option belongs to, as a message; empty where there is none."""
    homes = [f"[{name}]" for name, model in SECTIONS.items() if option in model.model_fields]
    return f"belongs into {' or '.join(homes)}" if homes else ""


def _checked_section(name: str, model: type[Section], table: object) -> tuple[Section | None, list[Problem]]:
    if not isinstance(table, dict):
        return None, [Problem(name, f"must be a table: [{name}]")]
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
            home = "" if near else _home_of(location[-1])
            return home or "unknown option", near
        case "missing":
            return MISSING.get(place, IS_MISSING), None
        case "literal_error":
            choices = re.findall(r"'([^']*)'", str(context["expected"]))
            return f"{shown(given)} is not one of {', '.join(choices)}", nearest(given, choices)
        case "value_error":
            return str(context["error"]), None
        case "string_too_short" | "too_short":
            return "must not be empty", None
        case kind:
            wanted = WANTED[kind].format(**context) if kind in WANTED else detail["msg"]
            return f"{wanted}, not {shown(given)}", None


def _options_at(model: type[Section], location: list[Any]) -> list[str]:
    for part in location:
        if isinstance(part, str):
            model = next(sections_in(model.model_fields[part].annotation))
    return list(model.model_fields)


def _record_problems(tree: Mapping[str, Any]) -> list[Problem]:
    """What the fields of a record can't tell one by one: that the right ones are there."""
    record, prompt = tree.get("record", {}), tree.get("prompt")
    if not isinstance(record, dict):
        return []  # the section's own check tells
    problems = [
        Problem(f"record.{name}", "is what every record has already; choose another name")
        for name in record
        if name in FACT_NAMES
    ]
    moved = isinstance(prompt, dict) and "record" in prompt
    if not ("prompt" in record or "messages" in record or moved):
        problems.append(Problem("record", 'needs a prompt, like prompt = "Genre: {{ genre }}", or messages'))
    return problems
