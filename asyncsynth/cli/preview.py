"""`asyncsynth preview`: what would be sent and kept for the first samples; sends nothing."""

from __future__ import annotations

from itertools import islice
from typing import Annotated

import typer

from asyncsynth.app.load import load_config, recipe_of
from asyncsynth.cli.console import count, say
from asyncsynth.cli.options import DEFAULT_CONFIG, ConfigFile, Settings


def preview(
    config: ConfigFile = DEFAULT_CONFIG,
    samples: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many samples.", metavar="N")] = 1,
    settings: Settings = None,
) -> None:
    """Render requests and training prompts for N samples; send nothing."""
    recipe = recipe_of(load_config(config, settings))
    for sample in islice(recipe.samples(), samples):
        request = recipe.request(sample, generation=0)
        say(f"--- {sample.key} ---")
        if request.system is not None:
            say(f"system:\n{request.system}\n")
        say(f"request:\n{request.text}\n")
        say(f"training prompt:\n{request.prompt}\n")
    say(f"{count(recipe.total, 'sample')} in all; nothing was sent.")
