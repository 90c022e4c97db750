"""`asyncsynth drop`: takes answers out, so that the next run makes them anew under a new UUID."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from asyncsynth.app.drop import Selection, drop_stale
from asyncsynth.app.drop import drop as drop_answers
from asyncsynth.app.job import job_of
from asyncsynth.app.load import directory_of, load_config
from asyncsynth.app.where import where_of
from asyncsynth.cli.console import say
from asyncsynth.cli.options import DEFAULT_CONFIG, ConfigFile, OutputDirectory, Settings
from asyncsynth.errors import UsageError
from asyncsynth.text import count

Marks = Annotated[
    Path | None,
    typer.Option(help="Answers that this file marks as failed, as a report writes it.", metavar="FILE"),
]


def drop(
    keys: Annotated[
        list[str] | None, typer.Argument(help="Keys of answers, or their first digits.", metavar="KEY")
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            help="Answers with this value, or for which an expression over axes and fields holds; may be repeated, and "
            "all must hold.",
            metavar="AXIS=VALUE",
        ),
    ] = None,
    match: Annotated[str | None, typer.Option(help="Answers whose record contains this text.", metavar="TEXT")] = None,
    marks: Marks = None,
    stale: Annotated[
        bool, typer.Option("--stale", help="Answers that belong to no sample of the recipe, as it is now.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how many; drop nothing.")] = False,
    config: ConfigFile = DEFAULT_CONFIG,
    output: OutputDirectory = None,
    settings: Settings = None,
) -> None:
    """Take answers out, by key, value or text; the next run makes them again. What they cost stays on the bill."""
    if bool(keys) + bool(where or match) + (marks is not None) + stale != 1:
        raise UsageError(
            "name the answers to drop",
            hint="either KEY ..., or --where AXIS=VALUE and --match TEXT, or --marks FILE, or --stale",
        )
    selection = Selection(tuple(keys or ()), tuple(map(where_of, where or ())), match, marks)
    if stale:
        dropped = drop_stale(job_of(load_config(config, settings, output=output)), dry_run=dry_run)
    else:
        dropped = drop_answers(directory_of(config, settings, output=output), selection, dry_run=dry_run)
    if dry_run:
        say(f"{count(dropped, 'answer')} would be dropped; nothing was changed")
        return
    anew = "; the next run makes them again" if dropped and not stale else ""
    say(f"{count(dropped, 'answer')} dropped{anew}")
