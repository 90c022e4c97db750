"""`asyncsynth report`: writes what is there as one HTML file to look at; the output directory is only read."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from asyncsynth.app.report import Reported
from asyncsynth.app.report import report as write_report
from asyncsynth.app.survey import SAMPLES, Wanted
from asyncsynth.cli.console import say, warn
from asyncsynth.cli.options import DEFAULT_CONFIG, ConfigFile, OutputDirectory, Settings
from asyncsynth.cli.reading import what_to_read
from asyncsynth.errors import UsageError
from asyncsynth.text import count, printable_line


def report(
    to: Annotated[Path | None, typer.Option("--to", help="The HTML file to write.", metavar="FILE")] = None,
    samples: Annotated[
        int, typer.Option(min=1, help="So many samples to read; figures are of all in any case.", metavar="N")
    ] = SAMPLES,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    config: ConfigFile = DEFAULT_CONFIG,
    output: OutputDirectory = None,
    settings: Settings = None,
) -> None:
    """Write one HTML file to look at: figures, samples to read and mark. It needs no network and no server."""
    if to is None:
        raise UsageError("say where to", hint="like --to report.html")
    read = what_to_read(config, settings, output)
    options = "" if config == DEFAULT_CONFIG else f" --config {shlex.quote(str(config))}"
    options += "" if output is None else f" --output {shlex.quote(str(output))}"
    wanted = Wanted(samples, read.recipe, read.cap_usd, options)
    _say(read.directory, write_report(read.directory, to, wanted, force=force))


def _say(directory: Path, reported: Reported) -> None:
    found = reported.survey
    for note in found.notes:
        warn(f"note: {note}")
    say(printable_line(found.verdict.text))
    for why in found.verdict.why:
        say(f"  {printable_line(why)}")
    say(f"{directory} -> {reported.to}: {count(len(found.samples), 'sample')} to read, {reported.size / 1e6:,.1f} MB")
