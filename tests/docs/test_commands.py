"""The pages and the help name every command and every option as they are, and none that is not there."""

from __future__ import annotations

import re
import shlex
from contextlib import suppress

import pytest
import typer

from asyncsynth.cli.app import COMMANDS, app_for, options_of
from asyncsynth.cli.arguments import ROOT_OPTIONS, command_first
from tests.docs.reading import commands, document
from tests.tree import project_files

PAGES = ("README.md", "CONTRIBUTING.md")


def named(page: str) -> list[list[str]]:
    """The arguments of every call of asyncsynth on a page, as the command line gets them."""
    calls = [
        shlex.split(part) for command in commands(document(page)) for part in re.split(r"&&|[|;>]", command) if part
    ]
    return [command_first(call[1:], COMMANDS, options_of) for call in calls if call[:1] == ["asyncsynth"]]


@pytest.mark.parametrize("page", PAGES)
def test_every_command_is_named(page: str) -> None:
    assert set(COMMANDS) - {call[0] for call in named(page)} == set()


@pytest.mark.parametrize("page", PAGES)
def test_every_call_is_one_that_the_command_line_takes(page: str) -> None:
    for call in named(page):
        if call[0] in ROOT_OPTIONS:
            continue
        assert call[0] in COMMANDS, f"no command {call[0]}"
        with suppress(typer.Exit):  # --help
            app_for(call[0]).commands[call[0]].make_context(call[0], call[1:])


@pytest.mark.parametrize("page", PAGES)
def test_every_script_and_file_that_is_named_is_there(page: str) -> None:
    there = {str(path) for path in project_files()}
    folders = {str(parent) for path in project_files() for parent in path.parents}
    mentioned = re.findall(
        r"`((?:asyncsynth|scripts|tests)/[\w./-]*|[\w.-]+\.(?:md|toml|txt))(?: [^`]*)?`", document(page)
    )
    missing = [name for name in mentioned if name not in there and name.rstrip("/") not in folders]
    assert missing == []
