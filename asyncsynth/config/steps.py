"""What is wrong with [prompt] or [steps.NAME], whichever says what is asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from asyncsynth.config.axes import AXIS_NAME, RESERVED_NAMES
from asyncsynth.config.dialogue import OWN, dialogue_problems
from asyncsynth.config.named import problems_of_names
from asyncsynth.config.options import MISSING, checked_section
from asyncsynth.config.prompt import Prompt, prompt_problems
from asyncsynth.config.record import FACT_NAMES
from asyncsynth.config.shown import shown
from asyncsynth.config.sources import Given
from asyncsynth.errors import Problem
from asyncsynth.values import ONLY_STEP

MAX_STEPS = 20


def checked_steps(tree: Mapping[str, Any], axes: Given) -> tuple[dict[str, Prompt | None], list[Problem]]:
    """The [steps.NAME], None where they are wrong, and what is wrong with them, or with [prompt], as far as its options
    can't tell by themselves.
    """
    tables, endpoints = tree.get("steps"), tree.get("endpoints", {})
    if tables is None:
        return {}, _of_prompt(tree, endpoints)
    if not isinstance(tables, dict) or not tables:
        return {}, [Problem("steps", "must be a table of tables: [steps.NAME]")]
    problems = [Problem("prompt", "can't be used with [steps.NAME]: make it one of them")] * ("prompt" in tree)
    problems += [Problem("steps", f"has {len(tables)} steps; at most {MAX_STEPS} are possible")] * (
        len(tables) > MAX_STEPS
    )
    steps = dict[str, Prompt | None]()
    for name, table in tables.items():
        place = f"steps.{name}"
        problems += (misnamed := _name_problems(place, name, axes))
        section, found = checked_section(place, Prompt, table)
        problems += found
        if isinstance(table, dict):
            problems += prompt_problems(place, table, MISSING["prompt.request"])
            problems += dialogue_problems(place, table, axes)
            problems += problems_of_names(f"{place}.endpoint", table.get("endpoint"), endpoints)
            problems += problems_of_names(f"{place}.user_endpoint", table.get("user_endpoint"), endpoints)
        steps[name] = section if isinstance(section, Prompt) and not misnamed else None
    return steps, problems


def _of_prompt(tree: Mapping[str, Any], endpoints: object) -> list[Problem]:
    prompt = tree.get("prompt", {})
    if not isinstance(prompt, dict):
        return []  # the section's own check tells
    problems = prompt_problems("prompt", prompt, MISSING["prompt.request"])
    for option in ("dialogue", *OWN):
        if option in prompt:
            problems.append(
                Problem(f"prompt.{option}", "is for a step: make it [steps.chat], say, in place of [prompt]")
            )
    return problems + problems_of_names("prompt.endpoint", prompt.get("endpoint"), endpoints)


def _name_problems(place: str, name: str, axes: Collection[str]) -> list[Problem]:
    if not AXIS_NAME.match(name):
        return [Problem("steps", f"{shown(name)} is not a name for a step: use letters, digits and _, no digit first")]
    if name in (RESERVED_NAMES | FACT_NAMES) - {ONLY_STEP}:
        return [Problem(place, "is a name that has another meaning; choose another one")]
    if name in axes:
        return [Problem(place, "is the name of an axis already; choose another one")]
    return []
