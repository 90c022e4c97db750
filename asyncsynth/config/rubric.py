"""A rubric: what a judge looks at, line by line, and what the levels of each line mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from asyncsynth.config.shown import shown
from asyncsynth.errors import Problem, nearest

REASON = "reason"  # stands first in every judgement
LINE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")  # as in keep = "detail >= 4"
MOST_LINES = 20
RANGE = range(101)  # of levels
EXAMPLE = '{ detail = { 5 = "Every scene is worked out.", 1 = "A bare summary." } }'
_LEVEL = re.compile(r"[0-9]{1,3}\Z")
_TAKEN = frozenset({REASON, "uuid", "completion", "loop", "self", "not", "and", "or", "in", "is", "if", "else", "true",
                    "false", "none", "True", "False", "None"})  # fmt: skip

Levels = Mapping[int, str]  # what a level means; those between two that are described can be given as well


def rubric_problems(place: str, given: object) -> list[Problem]:
    """What is wrong with the `rubric` of a step."""
    if not isinstance(given, Mapping) or not given:
        return [Problem(place, f"must be a table of lines, each with its levels: {EXAMPLE}")]
    problems = [Problem(place, f"has {len(given)} lines; at most {MOST_LINES} are possible")][: len(given) > MOST_LINES]
    for name, levels in given.items():
        problems += _name_problems(place, name)
        problems += _level_problems(f"{place}.{name}", levels)
    return problems


def rubric_lines(given: Mapping[str, Any]) -> dict[str, Levels]:
    """A rubric without problems: of each line its levels, the best first."""
    return {
        name: {level: levels[str(level)].strip() for level in sorted(map(int, levels), reverse=True)}
        for name, levels in given.items()
    }


def _name_problems(place: str, name: str) -> Iterator[Problem]:
    if name == REASON:
        yield Problem(f"{place}.{name}", "is there already: a judge writes its reason first; choose another name")
    elif name in _TAKEN:
        yield Problem(f"{place}.{name}", "has a meaning of its own in expressions; choose another name")
    elif not LINE_NAME.match(name):
        what = "can't be a name in an expression: only letters, digits and _ can, and no digit first"
        yield Problem(f"{place}.{name}", what)


def _level_problems(place: str, levels: object) -> Iterator[Problem]:
    if not isinstance(levels, Mapping):
        yield Problem(place, 'must say what its levels mean: { 5 = "...", 1 = "..." }')
        return
    for level, meaning in levels.items():
        if not _LEVEL.match(str(level)) or int(level) not in RANGE or str(int(level)) != str(level):
            near = nearest(level, ["5", "1"]) if not str(level).lstrip("-").isdigit() else None
            what = f"is not a level: levels are whole numbers from {RANGE[0]} to {RANGE[-1]}"
            yield Problem(f"{place}.{level}", what, near)
        elif not isinstance(meaning, str) or not meaning.strip():
            yield Problem(f"{place}.{level}", f"must say in words what this level means, not {shown(meaning)}")
    if len(levels) < 2:
        yield Problem(place, "needs at least two levels, the best and the worst")
