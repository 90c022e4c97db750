"""`asyncsynth init`: writes a commented config.toml to start from."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from asyncsynth.app.example import PLOT_OUTLINES, write_example
from asyncsynth.cli.console import say
from asyncsynth.cli.options import DEFAULT_CONFIG


def init(
    to: Annotated[Path, typer.Option("--to", help="The file to write.", metavar="FILE")] = DEFAULT_CONFIG,
    name: Annotated[
        str, typer.Option("--example", help="plot-outlines: one request a sample; story: steps, gates, a judge.")
    ] = PLOT_OUTLINES,
) -> None:
    """Write a commented config.toml to start from. A file that is there already is never overwritten."""
    write_example(to, name)
    named = "" if to == DEFAULT_CONFIG else f" --config {shlex.quote(str(to))}"
    say(f"{to}: a recipe that works as it is; edit it, then see what it makes")
    say(f"next: asyncsynth plan{named}")
