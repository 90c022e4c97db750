"""What is wrong with a parsed config: every mistake at once, each with its place and the nearest valid name.

Every section is checked even when another one is wrong. What only the recipe can know (template names,
rendering) is checked by recipe.check.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from msgspec import Struct

from asyncsynth.config import named
from asyncsynth.config.axes import checked_axes
from asyncsynth.config.config import Config, StepSection, steps_of
from asyncsynth.config.dependent import notes_of
from asyncsynth.config.exclude import exclude_problems
from asyncsynth.config.options import SECTIONS, checked_section, home_of
from asyncsynth.config.prompt import Prompt
from asyncsynth.config.record import FACT_NAMES
from asyncsynth.config.section import Section
from asyncsynth.config.sections import NamedEndpoint
from asyncsynth.config.sources import Axes, Given, Lines, Rows
from asyncsynth.config.steps import checked_steps
from asyncsynth.errors import ConfigError, Problem, nearest

TABLES_OF_TABLES = ("axes", "steps", "endpoints")  # whose names are the user's own


class Checked(Struct, frozen=True):
    """What a config file says and what is wrong with it; a section that is wrong is None."""

    source: str
    axes: Given | None
    sections: Mapping[str, Section | None]
    endpoints: Mapping[str, NamedEndpoint]  # those that are right
    steps: Mapping[str, Prompt | None]  # by name; one that is wrong is None
    has_steps: bool  # whether it has [steps.NAME], right or wrong
    problems: tuple[Problem, ...]
    notes: tuple[str, ...] = ()
    folder: Path = Path()

    @property
    def sections_of_steps(self) -> tuple[StepSection, ...]:
        """The steps that are right."""
        prompt = self.sections["prompt"]
        if self.has_steps:
            right = {name: section for name, section in self.steps.items() if section is not None}
            return steps_of(Prompt(), right) if right else ()
        return steps_of(prompt, {}) if isinstance(prompt, Prompt) else ()

    @property
    def wrong_steps(self) -> tuple[str, ...]:
        """The names of the others: they may be used, and nobody knows what they answer."""
        return tuple(name for name, section in self.steps.items() if section is None)

    def config(self, further: Iterable[Problem] = (), axes: Axes | None = None) -> Config:
        """The config, or ConfigError with all problems, those of `further` checks included.

        `axes` are these axes with their files open; without, there must be none that stand in files.
        """
        problems = (*self.problems, *further)
        if problems or self.axes is None:
            raise ConfigError(self.source, problems)
        if axes is None:
            axes = {name: axis for name, axis in self.axes.items() if not isinstance(axis, Rows | Lines)}
        sections = cast("Any", {**self.sections, "endpoints": self.endpoints, "steps": self.steps})
        return Config(self.source, axes, **sections, notes=self.notes, folder=self.folder)


def check(tree: Mapping[str, Any], source: str, notes: tuple[str, ...] = (), folder: Path = Path()) -> Checked:
    """Check every section of a parsed config; all mistakes are in the answer, none is raised."""
    problems = [_unknown_section(name) for name in tree if name not in (*TABLES_OF_TABLES, *SECTIONS)]
    misspelt = _misspelt(problems, tree)
    axes, axis_problems = checked_axes(tree.get("axes"), checked_section)
    problems += [] if "axes" in misspelt else axis_problems
    sections: dict[str, Section | None] = dict.fromkeys(misspelt & SECTIONS.keys())
    for name, model in SECTIONS.items():
        if name not in misspelt:
            sections[name], section_problems = checked_section(name, model, tree.get(name, {}))
            problems += section_problems
    problems += [] if "record" in misspelt else _record_problems(tree)
    steps, step_problems = checked_steps(tree, axes or {})
    problems += [] if "prompt" in misspelt else step_problems
    endpoints, endpoint_problems = named.checked_endpoints(tree.get("endpoints", {}), tree.get("endpoint", {}))
    problems += endpoint_problems
    if axes is not None and isinstance(combinations := tree.get("combinations"), dict):
        problems += exclude_problems(axes, combinations.get("exclude"))
    told = () if axes is None or problems else notes_of(axes)
    return Checked(source, axes, sections, endpoints, steps, "steps" in tree, tuple(problems), (*notes, *told), folder)


def _misspelt(unknown: Iterable[Problem], tree: Mapping[str, Any]) -> set[str]:
    """The sections that are there under a wrong name: each is one mistake, and not a missing section, too."""
    misspelt = {problem.nearest for problem in unknown if problem.nearest is not None} - tree.keys()
    if misspelt & {"prompt", "steps"} and not tree.keys() & {"prompt", "steps"}:
        misspelt |= {"prompt", "steps"}  # either says what is asked
    return misspelt


def _unknown_section(name: str) -> Problem:
    if home := home_of(name):
        return Problem(name, home)
    return Problem(name, "unknown section", nearest(name, (*TABLES_OF_TABLES, *SECTIONS)))


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
