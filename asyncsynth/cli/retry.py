"""`asyncsynth retry`: clears dead letters, so that the next run tries them again."""

from __future__ import annotations

from typing import Annotated

import typer

from asyncsynth.app.load import directory_of
from asyncsynth.app.retry import retry as clear
from asyncsynth.cli.console import say
from asyncsynth.cli.options import DEFAULT_CONFIG, ConfigFile, OutputDirectory, Settings
from asyncsynth.text import count


def retry(
    reasons: Annotated[
        list[str] | None,
        typer.Argument(help="Only dead letters with these reasons; without any: all.", metavar="REASON"),
    ] = None,
    config: ConfigFile = DEFAULT_CONFIG,
    output: OutputDirectory = None,
    settings: Settings = None,
) -> None:
    """Clear dead letters, all or by reason; the next run tries them again."""
    cleared = clear(directory_of(config, settings, output=output), reasons)
    say(f"{count(cleared, 'dead letter')} cleared" + ("; the next run tries them again" if cleared else ""))
