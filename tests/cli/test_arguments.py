"""Options before the command, after it, or without one."""

from __future__ import annotations

import pytest

from asyncsynth.cli.app import COMMANDS, options_of
from asyncsynth.cli.arguments import command_first


@pytest.mark.parametrize(
    ("given", "understood"),
    [
        ("", "run"),
        ("plan", "plan"),
        ("--limit 5", "run --limit 5"),
        ("--show", "run --show"),
        ("plan --config a.toml", "plan --config a.toml"),
        ("--config a.toml plan", "plan --config a.toml"),
        ("--config=a.toml plan", "plan --config=a.toml"),
        ("-c a.toml plan -n 5", "plan -c a.toml -n 5"),
        ("-n5 plan", "plan -n5"),
        ("--show --limit 1 run", "run --show --limit 1"),
        ("--all-calls status", "status --all-calls"),
        ("--where place=India drop", "drop --where place=India"),
        ("--price 1 2 simulate --port 0", "simulate --price 1 2 --port 0"),
        # A command's name as the value of an option, or as an argument of another command, is no command.
        ("--output plan", "run --output plan"),
        ("--output plan status", "status --output plan"),
        ("--output status --config plan preview", "preview --output status --config plan"),
        ("drop plan", "drop plan"),
        # What is wrong reaches the parser in a form in which it says the right thing.
        ("rnu", "rnu"),
        ("rnu plan", "rnu plan"),
        ("--limit 5 rnu", "rnu --limit 5"),
        ("--limt 5", "run --limt 5"),
        ("--limt 5 plan", "run --limt 5 plan"),
        ("--concurrency 8 drop", "drop --concurrency 8"),
        ("--nonsense plan", "plan --nonsense"),
        ("--config", "run --config"),
        # These are about the program and not about a command.
        ("-h", "-h"),
        ("--help", "--help"),
        ("--version", "--version"),
        ("--config a.toml -h", "run --config a.toml -h"),
        ("--config a.toml -h plan", "plan --config a.toml -h"),
    ],
)
def test_the_command_is_the_first_word_that_is_no_value_of_an_option(given: str, understood: str) -> None:
    assert command_first(given.split(), COMMANDS, options_of) == understood.split()


def test_a_value_may_be_empty_or_start_with_a_dash() -> None:
    assert command_first(["--set", "-x", "--output", "", "plan"], COMMANDS, options_of) == [
        "plan",
        "--set",
        "-x",
        "--output",
        "",
    ]


def test_only_the_commands_that_are_mentioned_are_loaded() -> None:
    asked: list[str] = []

    def options(command: str) -> dict[str, int]:
        asked.append(command)
        return {"--config": 1}

    command_first(["--config", "a.toml", "plan"], COMMANDS, options)
    assert asked == ["plan"]
