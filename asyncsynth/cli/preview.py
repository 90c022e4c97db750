"""`asyncsynth preview`: what would be sent and kept for the first samples; sends nothing."""

from __future__ import annotations

from typing import Annotated

import typer

from asyncsynth.app.load import load_config, recipe_of
from asyncsynth.app.preview import preview as previews
from asyncsynth.cli.console import say
from asyncsynth.cli.options import DEFAULT_CONFIG, ConfigFile, OutputDirectory, Settings
from asyncsynth.text import count


def preview(
    config: ConfigFile = DEFAULT_CONFIG,
    samples: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many samples to render.", metavar="N")] = 1,
    output: OutputDirectory = None,
    settings: Settings = None,
) -> None:
    """Render the requests and training examples of N samples; send nothing."""
    recipe = recipe_of(load_config(config, settings, output=output))
    for sample in previews(recipe, samples):
        say(f"{sample}\n")
    say(f"{count(recipe.total, 'sample')} in all; nothing was sent.")
