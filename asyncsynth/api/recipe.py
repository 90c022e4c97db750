"""A recipe in a script: from a config.toml, or from the same sections as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Self

from asyncsynth.app.job import Job, job_of
from asyncsynth.app.load import config_of, load_config, recipe_of
from asyncsynth.app.plan import Plan
from asyncsynth.app.plan import plan as plan_of
from asyncsynth.app.preview import Preview
from asyncsynth.app.preview import preview as previews_of
from asyncsynth.config import Config

Section = Mapping[str, Any]


class Previews(tuple[Preview, ...]):
    """Rendered samples; printed, or as the last line of a notebook's cell, they can be read."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "\n".join(map(str, self))

    __str__ = __repr__


class Recipe:
    """What to make, checked as a whole when it is built; sections and names are those of config.toml.

        Recipe.load("config.toml", limits={"concurrency": 64})
        Recipe(axes={"genre": ["horror", "mystery"]}, prompt={"request": "A {{ genre }} plot."},
               record={"prompt": "Genre: {{ genre }}\\n\\nPlot: "}, endpoint={"provider": "simulator", "model": "m"})

    Raises ConfigError with every mistake at once.
    """

    def __init__(
        self,
        *,
        axes: Mapping[str, Any],
        prompt: Section,
        record: Section,
        combinations: Section | None = None,
        endpoint: Section | None = None,
        limits: Section | None = None,
        output: Section | None = None,
    ) -> None:
        sections = {
            "axes": axes,
            "prompt": prompt,
            "record": record,
            "combinations": combinations,
            "endpoint": endpoint,
            "limits": limits,
            "output": output,
        }
        self._tree: dict[str, Any] = {name: _plain(given) for name, given in sections.items() if given is not None}
        self._path: Path | None = None
        self._config(Path("unnamed"))

    @classmethod
    def load(
        cls,
        path: str | PathLike[str] = "config.toml",
        *,
        settings: Sequence[str] = (),
        **sections: Section,
    ) -> Self:
        """The recipe of a file. `settings` are like --set ("limits.concurrency=16"); sections go over the file's.

        Raises UsageError where there is no such file, ConfigError with every mistake.
        """
        recipe = cls.__new__(cls)
        recipe._path, recipe._settings = Path(path), tuple(settings)
        recipe._tree = {name: _plain(given) for name, given in sections.items()}
        recipe._config(Path("unnamed"))
        return recipe

    _settings: tuple[str, ...] = ()

    def plan(self, output: str | PathLike[str] | None = None) -> Plan:
        """What a run would make, cost and take; print it. Sends nothing."""
        return plan_of(self._job(output))

    def preview(self, samples: int = 1) -> Previews:
        """The first so many samples: what would be sent, and what would be kept. Sends nothing."""
        return Previews(previews_of(recipe_of(self._config(Path("unnamed"))), samples))

    def _job(self, output: str | PathLike[str] | None) -> Job:
        return job_of(self._config(None if output is None else Path(output)))

    def _config(self, output: Path | None) -> Config:
        """The checked config; `output` goes over output.directory, None leaves it as it is."""
        if self._path is None:
            return config_of(self._tree, "the recipe", output=output)
        return load_config(self._path, self._settings, sections=self._tree, output=output)

    def __repr__(self) -> str:
        config = self._config(Path("unnamed"))
        recipe = recipe_of(config)
        return f"<Recipe of {recipe.total:,} samples, {', '.join(config.axes)}; {config.endpoint.model}>"


def _plain(given: Any) -> Any:
    """Mappings as dicts and tuples as lists, as TOML would give them."""
    if isinstance(given, Mapping):
        return {str(name): _plain(part) for name, part in given.items()}
    if isinstance(given, list | tuple):
        return [_plain(part) for part in given]
    return given
