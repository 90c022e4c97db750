"""A recipe in a script: from a config.toml, or from the same sections as plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any, Self

from asyncsynth.api.given import directory, plain, texts
from asyncsynth.app.job import Job, job_of
from asyncsynth.app.load import config_of, load_config, recipe_of
from asyncsynth.app.plan import Plan
from asyncsynth.app.plan import plan as plan_of
from asyncsynth.app.preview import Preview
from asyncsynth.app.preview import preview as previews_of
from asyncsynth.config import Config
from asyncsynth.errors import ConfigError, Problem, UsageError

Section = Mapping[str, Any]
_UNNAMED = Path("output")  # where none has been named yet; nothing is written there


class Previews(tuple[Preview, ...]):
    """Rendered samples; printed, or as the last line of a notebook's cell, they can be read."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "\n".join(map(str, self))

    __str__ = __repr__


class Recipe:
    r"""What to make, checked as a whole when it is built; sections and names are those of config.toml.

        Recipe.load("config.toml", limits={"concurrency": 64})
        Recipe(axes={"genre": ["horror", "mystery"]}, prompt={"request": "A {{ genre }} plot."},
               record={"prompt": "Genre: {{ genre }}\n\nPlot: "}, endpoint={"provider": "simulator", "model": "m"})

    `steps` in place of `prompt` are the [steps.NAME] of a recipe of several steps, by their names.
    Raises ConfigError with every mistake at once.
    """

    def __init__(
        self,
        *,
        axes: Mapping[str, Any],
        prompt: Section | None = None,
        record: Section,
        steps: Mapping[str, Section] | None = None,
        combinations: Section | None = None,
        endpoint: Section | None = None,
        endpoints: Mapping[str, Section] | None = None,
        limits: Section | None = None,
        output: Section | None = None,
        quality: Section | None = None,
    ) -> None:
        sections = {
            "axes": axes,
            "prompt": prompt,
            "steps": steps,
            "record": record,
            "combinations": combinations,
            "endpoint": endpoint,
            "endpoints": endpoints,
            "limits": limits,
            "output": output,
            "quality": quality,
        }
        tree = {name: plain(given) for name, given in sections.items() if given is not None}
        self._take(partial(_built, tree))

    @classmethod
    def load(
        cls,
        path: str | PathLike[str] = "config.toml",
        *,
        settings: str | Sequence[str] = (),
        **sections: Section | None,
    ) -> Self:
        """The recipe of a file. `settings` are like --set ("limits.concurrency=16"); sections go over the file's.

        Raises UsageError where there is no such file, ConfigError with every mistake.
        """
        file, given = Path(path), texts("settings", settings, 'settings=["limits.concurrency=16"]')
        over = {name: plain(part) for name, part in sections.items() if part is not None}
        if wrong := [name for name, part in over.items() if not isinstance(part, dict)]:
            raise ConfigError(str(file), tuple(Problem(name, f"must be a table: [{name}]") for name in wrong))
        recipe = cls.__new__(cls)
        recipe._take(partial(_loaded, file, given, over))  # noqa: SLF001 - its own
        return recipe

    def _take(self, config: Callable[[Path | None], Config]) -> None:
        """`config` makes the checked config, with an output directory over its own; it is made once to be checked."""
        self._config = config
        self._config(_UNNAMED)

    def plan(self, output: str | PathLike[str] | None = None) -> Plan:
        """What a run would make, cost and take; print it. Sends nothing."""
        return plan_of(self.job(output))

    def preview(self, samples: int = 1) -> Previews:
        """The first so many samples: what would be sent, and what would be kept. Sends nothing."""
        if type(samples) is not int or samples < 0:
            raise UsageError(f"{samples!r} is not a number of samples", hint="like preview(3)")
        return Previews(previews_of(recipe_of(self._config(_UNNAMED)), samples))

    def job(self, output: str | PathLike[str] | None) -> Job:
        """The checked job of a run into `output`, or into output.directory."""
        return job_of(self._config(None if output is None else directory(output)))

    def __repr__(self) -> str:
        config = self._config(_UNNAMED)
        recipe = recipe_of(config)
        return f"<Recipe of {recipe.total:,} samples, {', '.join(config.axes)}; {config.endpoint.model}>"


def _built(tree: dict[str, Any], output: Path | None) -> Config:
    return config_of(deepcopy(tree), "the recipe", output=output)


def _loaded(file: Path, settings: tuple[str, ...], over: dict[str, Any], output: Path | None) -> Config:
    return load_config(file, settings, sections=deepcopy(over), output=output)
