"""`asyncsynth run`: makes every sample that is not there yet."""

from collections.abc import Callable
from typing import Annotated

import typer

from asyncsynth.app.job import job_of, sendable
from asyncsynth.app.load import load_config
from asyncsynth.app.run import Run, open_run
from asyncsynth.cli.console import StdoutFailed, say, tell_stdout_failed
from asyncsynth.cli.display import Display, display_for
from asyncsynth.cli.imports import loading
from asyncsynth.cli.options import (
    DEFAULT_CONFIG,
    AcceptChanges,
    Below,
    Concurrency,
    ConfigFile,
    Limit,
    LogFormat,
    MaxCost,
    OutputDirectory,
    Settings,
)
from asyncsynth.cli.summary import next_steps, summary
from asyncsynth.text import count
from asyncsynth.values import End

LOST_SHOWN = 20  # calls that a kill cost; status lists them all


def run(
    config: ConfigFile = DEFAULT_CONFIG,
    output: OutputDirectory = None,
    concurrency: Concurrency = None,
    limit: Limit = None,
    max_cost: MaxCost = None,
    show: Annotated[bool, typer.Option("--show", help="Print each request, training prompt and completion.")] = False,
    settings: Settings = None,
    accept_changes: AcceptChanges = False,
    log_format: LogFormat = None,
    below: Below = None,
) -> None:
    """Make every sample that is not there yet.

    Ctrl-C lets the calls under way finish, a second one cuts them off; run it again to go on.
    """
    loaded = load_config(
        config, settings, output=output, limit=limit, concurrency=concurrency, max_cost=max_cost, below=below
    )
    job = sendable(job_of(loaded))
    display = display_for(log_format, job.scrub)
    for note in loaded.notes:
        display.note(note)
    with open_run(job, accept_changes=accept_changes) as opened:
        _tell_what_was_found(opened, display)
        try:
            if opened.inventory.to_make:
                for note in opened.notes():
                    display.note(note)
                with loading():
                    from asyncsynth.cli.work import work  # noqa: PLC0415 - a refusal must not wait for it

                work(opened, display, _showing(display, job.scrub) if show else _say_nothing)
        finally:
            outcome = opened.outcome()
            _tell(*summary(outcome))
    if outcome.failures:
        _tell(*next_steps(outcome))
        raise typer.Exit(1)


def _tell_what_was_found(opened: Run, display: Display) -> None:
    """What was repaired, what the last kill cost, what was rendered anew, and what is to be made."""
    for note in opened.recovered:
        display.note(note)
    if opened.newly_lost:
        lost = count(len(opened.newly_lost), "call")
        display.note(f"the last run was cut off; {lost} may have been billed for nothing:")
        for call in opened.newly_lost[:LOST_SHOWN]:
            display.note(f"  {call.key}, attempt {call.attempt}")
        if len(opened.newly_lost) > LOST_SHOWN:
            display.note("  ... asyncsynth status --all-calls lists them all")
    if opened.refreshed.note:
        display.note(opened.refreshed.note)
    if opened.refreshed.anew:
        _tell(f"{count(opened.refreshed.anew, 'training prompt')} rendered anew from the answers that are there.")
    _tell(f"{opened.directory}: {opened.inventory.in_words}")


def _tell(*lines: str) -> None:
    """Lines that a run does without where standard output takes none: it works all the same."""
    try:
        for line in lines:
            say(line)
    except StdoutFailed as error:
        tell_stdout_failed(error)


def _showing(display: Display, scrub: Callable[[str], str]) -> Callable[[End], None]:
    from asyncsynth.cli.show import show_end  # noqa: PLC0415 - few runs show their samples

    def show(end: End) -> None:
        display.clear()
        show_end(end, scrub)

    return show


def _say_nothing(end: End) -> None:
    del end
