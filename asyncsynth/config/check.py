"""What is wrong with a parsed config: every mistake at once, each with its place and the nearest valid name.

Every section is checked even when another one is wrong. What only the recipe can know (template names,
rendering) is checked by recipe.templates.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any, cast

from pydantic import ValidationError

from asyncsynth.config.record import FACT_NAMES, Record
from asyncsynth.config.section import Section
from asyncsynth.config.sections import Combinations, Config, Endpoint, Limits, Output, Prompt
from asyncsynth.errors import ConfigError, Problem, nearest
from asyncsynth.values import Value

AXIS_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
RESERVED_NAMES = frozenset({"uuid", "completion"})  # names that templates have beside the axes
IS_MISSING = "is missing"
SECTIONS: dict[str, type[Section]] = {
    "combinations": Combinations,
    "prompt": Prompt,
    "record": Record,
    "endpoint": Endpoint,
    "limits": Limits,
    "output": Output,
}


@dataclass(frozen=True, slots=True)
class Checked:
    """What a config file says and what is wrong with it; a section that is wrong is None."""

    source: str
    axes: Mapping[str, tuple[Value, ...]] | None
    sections: Mapping[str, Section | None]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...] = ()

    def config(self, further: Iterable[Problem] = ()) -> Config:
        """The config, or ConfigError with all problems, those of `further` checks included."""
        problems = (*self.problems, *further)
        if problems or self.axes is None:
            raise ConfigError(self.source, problems)
        return Config(self.source, self.axes, **cast("Any", dict(self.sections)), notes=self.notes)


def check(tree: Mapping[str, Any], source: str, notes: tuple[str, ...] = ()) -> Checked:
    """Check every section of a parsed config; all mistakes are in the answer, none is raised."""
    problems = [
        Problem(name, "unknown section", nearest(name, ("axes", *SECTIONS)))
        for name in tree
        if name not in ("axes", *SECTIONS)
    ]
    meant = {problem.nearest for problem in problems}  # a misspelt section is one mistake, not a missing one, too
    axes, axis_problems = _check_axes(tree.get("axes"))
    problems += [] if "axes" in meant else axis_problems
    sections: dict[str, Section | None] = {}
    for name, model in SECTIONS.items():
        sections[name], section_problems = _check_section(name, model, tree.get(name, {}))
        problems += [] if name in meant else section_problems
    problems += _check_record(tree)
    if axes is not None and isinstance(combinations := tree.get("combinations"), dict):
        problems += _check_exclude(axes, combinations.get("exclude"))
    return Checked(source, axes, sections, tuple(problems), notes)


def _check_axes(table: object) -> tuple[dict[str, tuple[Value, ...]] | None, list[Problem]]:
    if not isinstance(table, dict) or not table:
        return None, [Problem("axes", 'at least one axis is needed, like genre = ["horror", "mystery"]')]
    axes: dict[str, tuple[Value, ...]] = {}
    problems: list[Problem] = []
    for name, values in table.items():
        found = _axis_problems(name, values)
        problems += found
        # A wrong axis still has a name, and templates are checked against names.
        usable = [one for one in values if _is_value(one)] if isinstance(values, list) else []
        axes[name] = tuple(usable or ("?",))
    return axes, problems


def _axis_problems(name: str, values: object) -> list[Problem]:
    place = f"axes.{name}"
    problems: list[Problem] = []
    if not AXIS_NAME.match(name) or name in RESERVED_NAMES:
        problems.append(Problem(place, "can't be used as a name in a template: letters, digits and _, not uuid"))
    if not isinstance(values, list) or not values:
        return [*problems, Problem(place, "must be a list of at least one value")]
    for index, value in enumerate(values):
        if not _is_value(value):
            problems.append(Problem(f"{place}[{index}]", "must be a string, a number or a table of such"))
        elif any(type(value) is type(other) and value == other for other in values[:index]):
            problems.append(
                Problem(f"{place}[{index}]", f"{value!r} is there twice; for more samples set combinations.repeats")
            )
    return problems


def _is_value(value: object, depth: int = 0) -> bool:
    if isinstance(value, dict):
        return depth == 0 and bool(value) and all(_is_value(part, depth + 1) for part in value.values())
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, str | int)


def _check_section(name: str, model: type[Section], table: object) -> tuple[Section | None, list[Problem]]:
    if not isinstance(table, dict):
        return None, [Problem(name, f"must be a table: [{name}]")]
    try:
        return model.model_validate(table), []
    except ValidationError as error:
        problems = [_problem(name, model, cast("dict[str, Any]", detail)) for detail in error.errors()]
    # A misspelt option is one mistake, not an unknown one and a missing one.
    meant = {f"{one.place.rpartition('.')[0]}.{one.nearest}" for one in problems if one.nearest}
    return None, [one for one in problems if not (one.what == IS_MISSING and one.place in meant)]


def _problem(name: str, model: type[Section], detail: dict[str, Any]) -> Problem:
    """One pydantic error in our words, with the nearest name of an option or of a choice."""
    location = [part for part in detail["loc"] if not (isinstance(part, str) and "[" in part)]
    place = ".".join([name, *map(str, location)])
    given = detail.get("input")
    match detail["type"]:
        case "extra_forbidden" if place == "prompt.record":
            return Problem(place, "is now record.prompt, in a section [record]")
        case "extra_forbidden":
            return Problem(place, "unknown option", nearest(location[-1], _options_at(model, location[:-1])))
        case "missing":
            return Problem(place, IS_MISSING)
        case "literal_error":
            choices = re.findall(r"'([^']*)'", str(detail["ctx"]["expected"]))
            return Problem(place, f"{given!r} is not one of {', '.join(choices)}", nearest(given, choices))
        case "value_error":
            return Problem(place, str(detail["ctx"]["error"]))
        case _:
            wanted = str(detail["msg"]).removeprefix("Input ")
            return Problem(place, f"{wanted}, not {given!r}")


def _options_at(model: type[Section], location: list[Any]) -> list[str]:
    for part in location:
        annotation: Any = model.model_fields[part].annotation
        members = annotation.__args__ if isinstance(annotation, UnionType) else (annotation,)
        model = next(one for one in members if isinstance(one, type) and issubclass(one, Section))
    return list(model.model_fields)


def _check_exclude(axes: Mapping[str, tuple[Value, ...]], exclude: object) -> list[Problem]:
    problems: list[Problem] = []
    for index, entry in enumerate(exclude if isinstance(exclude, list) else []):
        if not isinstance(entry, dict):
            continue  # the section's own check tells
        place = f"combinations.exclude[{index}]"
        if not entry:
            problems.append(Problem(place, "is empty and would exclude everything"))
        for name, value in entry.items():
            if name not in axes:
                problems.append(Problem(f"{place}.{name}", "no such axis", nearest(name, axes)))
            elif not any(type(value) is type(one) and value == one for one in axes[name]):
                problems.append(Problem(f"{place}.{name}", f"axis has no value {value!r}", nearest(value, axes[name])))
    return problems


def _check_record(tree: Mapping[str, Any]) -> list[Problem]:
    """What the fields of a record can't tell one by one: that the right ones are there."""
    record = tree.get("record", {})
    if not isinstance(record, dict):
        return []  # the section's own check tells
    taken = [
        Problem(f"record.{name}", "is what every record has already; choose another name")
        for name in record
        if name in FACT_NAMES
    ]
    prompt = tree.get("prompt")
    if "prompt" in record or "messages" in record or (isinstance(prompt, dict) and "record" in prompt):
        return taken
    return [*taken, Problem("record", 'needs a prompt, like prompt = "Genre: {{ genre }}", or messages')]
