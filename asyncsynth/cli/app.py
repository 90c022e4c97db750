"""The commands and their help; only the command that is asked for is loaded, so that `--help` is there at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand
from typer.main import get_command

from asyncsynth import __version__

# Name of the command, its module and its function -> its line in `asyncsynth --help`.
COMMANDS = {
    "init": "Write a commented config.toml to start from.",
    "run": "Make every sample that is not there yet.",
    "plan": "Say what a run would make, and the tokens, money and time it would take; send nothing.",
    "preview": "Render the requests and training examples of N samples; send nothing.",
    "status": "Show samples, failures, tokens and money over all runs, and lost calls that may be on the bill.",
    "retry": "Clear dead letters, samples that were given up on, so that the next run tries them again.",
    "drop": "Take answers out, so that the next run makes them again.",
    "export": "Write the training examples in the form of a trainer.",
    "report": "Write one HTML file to look at: figures, and samples to read and mark.",
    "serve": "Serve the live page of all runs, and an HTTP API that starts, stops and reads them.",
    "simulate": "Serve a simulated provider with limits and faults, to rehearse a run before paying.",
    "local": "Serve a small language model on this machine.",
}


@cache
def app_for(asked: str) -> Any:
    """The command line with all commands, of which only `asked` can be called; to be called with the arguments."""
    app = typer.Typer(
        name="asyncsynth",
        help="One config.toml to a synthetic fine-tuning set: fast, resumed at will, never paid for twice.",
        epilog="Without a command, run is meant. Exit status: 0 all samples are there; 1 done, with dead letters, "
        "samples that were given up on; 2 bad command line or config; 3 stopped at the spend cap; 4 stopped by the "
        "endpoint; 5 the output directory can't be used; 130 interrupted.",
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
        pretty_exceptions_enable=False,
        add_completion=False,
        callback=_root,
    )
    if asked in COMMANDS:
        app.command(asked, short_help=COMMANDS[asked])(command(asked))
    group: Any = get_command(app)
    # The others stand in the list of commands, and are what a misspelt one may have meant.
    listed = {name: TyperCommand(name, short_help=summary) for name, summary in COMMANDS.items()}
    group.commands = listed | group.commands
    return group


def options_of(name: str) -> Mapping[str, int]:
    """Every option of a command, and how many values follow it."""
    parameters = app_for(name).commands[name].params
    return {
        option: 0 if parameter.is_flag else parameter.nargs
        for parameter in parameters
        if parameter.param_type_name == "option"
        for option in (*parameter.opts, *parameter.secondary_opts)
    }


def command(name: str) -> Callable[..., Any]:
    """The function of a command."""
    function: Callable[..., Any] = getattr(import_module(f"asyncsynth.cli.{name}"), name)
    return function


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"asyncsynth {__version__}")
        raise typer.Exit


def _root(
    version: bool = typer.Option(False, "--version", callback=_print_version, is_eager=True, help="Print the version."),
) -> None:
    """Take the options that stand before a command."""
