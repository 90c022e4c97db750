"""`asyncsynth export`: writes the training examples in the form of a trainer; the output directory is only read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from asyncsynth.app.export import Exported, Options
from asyncsynth.app.export import export as export_records
from asyncsynth.app.where import where_of
from asyncsynth.cli.console import say, warn
from asyncsynth.cli.options import DEFAULT_CONFIG, ConfigFile, OutputDirectory, Settings
from asyncsynth.cli.reading import what_to_read
from asyncsynth.errors import UsageError
from asyncsynth.outputs.checks import TRAINERS
from asyncsynth.outputs.formats import FORMATS
from asyncsynth.outputs.shares import shares_of
from asyncsynth.text import count

Form = Annotated[str | None, typer.Option("--format", "-f", help=f"One of {', '.join(FORMATS)}.", metavar="NAME")]
To = Annotated[
    Path | None,
    typer.Option("--to", help="A directory to make; a single file where it ends in .jsonl.", metavar="PATH"),
]
Split = Annotated[
    str | None,
    typer.Option(help="Split by a hash of the key: what is added later moves nothing.", metavar="train=0.9,test=0.1"),
]
Wanted = Annotated[
    list[str] | None,
    typer.Option(
        help="Only records with this value, or for which an expression over axes and fields holds; may be repeated, "
        "and all must hold.",
        metavar="AXIS=VALUE",
    ),
]
Stratify = Annotated[
    str | None, typer.Option(help="Give each value of this axis the same shares in the split.", metavar="AXIS")
]
Marks = Annotated[
    Path | None,
    typer.Option(help="Leave out what this file marks as failed; --where can use mark and note.", metavar="FILE"),
]
Dedupe = Annotated[
    str | None,
    typer.Option(help="Leave out duplicates: exact, near, or near=SHARE of the words of an answer.", metavar="HOW"),
]
Checks = Annotated[
    list[str] | None,
    typer.Option(
        "--check",
        help=f"Write nothing that this trainer would not take: {', '.join(TRAINERS)}; may be repeated.",
        metavar="TRAINER",
    ),
]
License = Annotated[
    str, typer.Option("--license", help="The license named on the card that --format hub writes.", metavar="NAME")
]
KeepBlanks = Annotated[
    bool,
    typer.Option("--keep-blanks", help="Leave blanks at the end of the prompt there; else they begin the answer."),
]
Force = Annotated[bool, typer.Option("--force", help="Replace a file, and an export that was changed since.")]


def export(
    form: Form = None,
    to: To = None,
    split: Split = None,
    stratify: Stratify = None,
    where: Wanted = None,
    marks: Marks = None,
    dedupe: Dedupe = None,
    checks: Checks = None,
    license_name: License = "unknown",
    keep_blanks: KeepBlanks = False,
    force: Force = False,
    config: ConfigFile = DEFAULT_CONFIG,
    output: OutputDirectory = None,
    settings: Settings = None,
) -> None:
    """Write the training examples in the form of a trainer; the output directory is only read."""
    if form is None or to is None:
        raise UsageError("an export needs a format and a place", hint="like --format chat --to exports/chat")
    options = Options(
        form,
        to,
        split=None if split is None else shares_of(split),
        stratify=stratify,
        where=tuple(map(where_of, where or ())),
        marks=marks,
        dedupe=dedupe,
        checks=tuple(checks or ()),
        license=license_name,
        keep_blanks=keep_blanks,
        force=force,
    )
    read = what_to_read(config, settings, output)
    _say(read.directory, options, export_records(read.directory, options, recipe=read.recipe))


def _say(directory: Path, options: Options, exported: Exported) -> None:
    for note in exported.notes:
        warn(f"note: {note}")
    say(f"{directory} -> {options.to}: {count(sum(exported.examples.values()), 'example')}")
    if len(exported.examples) > 1:
        say("split: " + ", ".join(f"{number:,} {split}" for split, number in exported.examples.items()))
    for reason, number in exported.left_out.items():
        say(f"left out: {number:,} {reason}")
    if options.checks:
        say(f"checked for: {', '.join(options.checks)}")
    if exported.entries:
        say(f"in it: {', '.join(exported.entries)}")
