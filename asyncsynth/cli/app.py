"""The commands and their help; only the command that is asked for is loaded, so that `--help` is there at once."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import typer

from asyncsynth import __version__

# Name of the command, its module and its function -> its line in `asyncsynth --help`.
COMMANDS = {
    "run": "Make every sample that is not there yet.",
    "plan": "Say what would be made, and the tokens, money and time it takes; send nothing.",
    "preview": "Render requests and training prompts for N samples; send nothing.",
    "status": "Show samples, failures, tokens and money over all runs, and calls possibly billed and lost.",
    "retry": "Clear dead letters, all or by reason, so that the next run tries them again.",
    "drop": "Take records out, so that the next run makes them anew.",
    "simulate": "Serve a simulated provider with limits and faults, to rehearse a run before paying.",
    "local": "Serve a small language model on this machine.",
}


def app_for(asked: str) -> typer.Typer:
    """The command line with all commands, of which only `asked` can be called."""
    app = typer.Typer(
        name="asyncsynth",
        help="One config.toml to a synthetic fine-tuning set: fast, resumed at will, never paid for twice.",
        epilog="Without a command, run is meant. Exit status: 0 all there, 1 with dead letters, 2 bad command line or "
        "config, 3 spend cap, 4 stopped by the endpoint, 5 store can't be used, 130 interrupted.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        callback=_root,
    )
    for name, summary in COMMANDS.items():
        app.command(name, short_help=summary)(command(name) if name == asked else _not_loaded)
    return app


def command(name: str) -> Callable[..., Any]:
    """The function of a command."""
    function: Callable[..., Any] = getattr(import_module(f"asyncsynth.cli.{name}"), name)
    return function


def _not_loaded() -> None:
    """Stand for a command in the list of commands."""


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"asyncsynth {__version__}")
        raise typer.Exit


def _root(
    version: bool = typer.Option(False, "--version", callback=_print_version, is_eager=True, help="Print the version."),
) -> None:
    """Take the options that stand before a command."""
