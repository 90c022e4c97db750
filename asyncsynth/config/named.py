"""[endpoints.NAME]: endpoints beside [endpoint], each of which says only what is different there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from asyncsynth.config.options import checked_section
from asyncsynth.config.sections import Endpoint, Limits, NamedEndpoint
from asyncsynth.config.shown import shown
from asyncsynth.errors import Problem, nearest

NAME = r"[A-Za-z0-9_-]{1,40}\Z"
# What is said of one service and would be wrong, or a secret given away, at another.
OF_A_SERVICE = frozenset(
    {"base_url", "api", "api_key_env", "auth", "headers", "query", "plain_http", "price", "proxy", "context"}
)
OF_A_MODEL = frozenset({"price", "context"})
MERGED = ("parameters", "headers", "query")  # tables in which each entry stands for itself


def inherited(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The table of a named endpoint: its own options over those of [endpoint].

    Another provider inherits nothing that belongs to the service, and another model no price.
    """
    left: frozenset[str] = frozenset()
    if _differs("provider", base, own):
        left |= OF_A_SERVICE
    if _differs("model", base, own):
        left |= OF_A_MODEL
    table = {name: value for name, value in base.items() if name not in left}
    for name, value in own.items():
        before = table.get(name) if name in MERGED else None
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            table[name] = {**before, **value}
        else:
            table[name] = value
    return table


def limits_of(endpoint: NamedEndpoint, limits: Limits) -> Limits:
    """What of [limits] holds for this endpoint, with its own in their places."""
    own = {name: getattr(endpoint, name) for name in NamedEndpoint.LIMITS}
    return limits.model_copy(update={name: value for name, value in own.items() if value is not None})


def _differs(option: str, base: Mapping[str, Any], own: Mapping[str, Any]) -> bool:
    return option in own and own[option] != base.get(option, Endpoint.model_fields[option].default)


def checked_endpoints(tables: object, base: object) -> tuple[dict[str, NamedEndpoint], list[Problem]]:
    """The named endpoints that are right, and what is wrong with the others beside what is wrong with [endpoint]."""
    if not isinstance(tables, dict):
        return {}, [Problem("endpoints", "must be a table of tables: [endpoints.NAME]")]
    endpoints, problems = {}, []
    of_base = {_said_of("endpoint", problem) for problem in checked_section("endpoint", Endpoint, base)[1]}
    for name, own in tables.items():
        place = f"endpoints.{name}"
        if not re.match(NAME, name):
            problems.append(
                Problem("endpoints", f"{shown(name)} is not a name: use letters, digits, - and _, at most 40")
            )
        if not isinstance(own, dict):
            problems.append(Problem(place, f"must be a table: [{place}]"))
            continue
        table = inherited(base, own) if isinstance(base, dict) else own
        section, found = checked_section(place, NamedEndpoint, table)
        problems += [problem for problem in found if _said_of(place, problem) not in of_base]
        if isinstance(section, NamedEndpoint):
            endpoints[name] = section
    return endpoints, problems


def _said_of(section: str, problem: Problem) -> tuple[str, str]:
    """What is wrong with which option of a section."""
    return problem.place.removeprefix(section), problem.what


def problems_of_names(place: str, given: object, tables: object) -> list[Problem]:
    """What is wrong with the names of endpoints that are given at `place`, if any are."""
    if given == []:
        return [Problem(place, "must not be empty")]
    names = [name for name in (given if isinstance(given, list) else [given]) if isinstance(name, str)]
    known = list(tables) if isinstance(tables, dict) else []
    problems = [
        Problem(place, f"there is no [endpoints.{name}]", nearest(name, known)) for name in names if name not in known
    ]
    if len(set(names)) < len(names):
        problems.append(Problem(place, "names an endpoint twice"))
    return problems
