"""What a command reads that only looks at a directory: where that is named, it can do without a config."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from asyncsynth.app.load import load_config, recipe_of
from asyncsynth.app.present import makes_any
from asyncsynth.app.workflows import AnyRecipe
from asyncsynth.cli.console import warn
from asyncsynth.cli.options import DEFAULT_CONFIG


class Read(Struct, frozen=True):
    """`recipe` None: that of the directory's newest run; `cap_usd` is the config's."""

    directory: Path
    recipe: AnyRecipe | None = None
    cap_usd: float | None = None


def what_to_read(config: Path, settings: Iterable[str] | None, output: Path | None) -> Read:
    """The directory, and the recipe to read it by.

    A config that nobody named need not be there, nor have to do with a directory that is named.
    """
    unnamed = output is not None and config == DEFAULT_CONFIG and not settings
    if output is not None and unnamed and not config.exists():
        return Read(output.expanduser())
    loaded = load_config(config, settings, output=output)
    directory, recipe = Path(loaded.output.directory), recipe_of(loaded)
    if unnamed and not makes_any(recipe, directory):
        warn(f"note: {config} makes none of what is in {directory}; it is read by the recipe of its newest run")
        return Read(directory)
    return Read(directory, recipe, loaded.limits.max_cost_usd)
