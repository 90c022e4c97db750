"""Opens the sources of a config: every row is read once, checked and numbered; what is wrong is told with its line."""

from __future__ import annotations

from asyncsynth.config.axis_values import UNKNOWN
from asyncsynth.config.sources import Axes, AxisValues, Given, Lines, Rows
from asyncsynth.errors import Problem
from asyncsynth.recipe.sources.folder import is_folder, opened_folder
from asyncsynth.recipe.sources.scanning import opened_file
from asyncsynth.recipe.sources.source import Source
from asyncsynth.recipe.sources.wanted import Wanted, Wrong


def opened(axes: Given, seed: int) -> tuple[Axes, list[Problem]]:
    """The axes with their sources open, and what is wrong with these."""
    found: dict[str, AxisValues] = {}
    problems: list[Problem] = []
    for name, axis in axes.items():
        if not isinstance(axis, Rows | Lines):
            found[name] = axis
            continue
        try:
            wanted = Wanted.of(name, axis, seed)
            found[name] = _opened(wanted)
        except Wrong as wrong:
            found[name] = UNKNOWN
            problems += wrong.problems
    return found, problems


def _opened(wanted: Wanted) -> Source:
    """Raises Wrong, also where the system refuses at any point of the file."""
    try:
        return opened_folder(wanted) if is_folder(wanted) else opened_file(wanted)
    except OSError as error:
        raise Wrong(wanted.place, [f"{wanted.path} can't be read: {error.strerror or error}"]) from error
