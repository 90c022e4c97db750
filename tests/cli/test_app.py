"""The list of commands, their help, and how soon it is there."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from asyncsynth import cli
from asyncsynth.cli import app
from asyncsynth.cli.app import COMMANDS, command
from tests.cli.conftest import House, environment
from tests.conftest import unmeasured

HEAVY = ("aiohttp", "genai_prices", "structlog", "uvloop", "jinja2", "pydantic", "xllamacpp")
CAN_WAIT = ("aiohttp", "genai_prices", "structlog", "xllamacpp")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(house: House, name: str) -> None:
    shown = house.run(name, "--help")
    assert shown.returncode == 0
    assert name in shown.stdout
    assert "--help" in shown.stdout
    assert command(name).__doc__


def test_the_list_names_every_command(house: House) -> None:
    shown = house.run("--help").stdout
    assert all(name in shown for name in COMMANDS)


@unmeasured
def test_what_is_loaded_before_ctrl_c_is_heard_is_next_to_nothing() -> None:
    """A Ctrl-C that comes so early ends in Python's own words."""
    code = "import sys; old = set(sys.modules); import asyncsynth.__main__; print(*sorted(set(sys.modules) - old))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment())
    assert result.stdout.split() == [
        "__future__", "asyncsynth", "asyncsynth.__main__", "asyncsynth.cli", "asyncsynth.version",
    ]  # fmt: skip


def test_help_loads_nothing_heavy() -> None:
    code = "import sys; sys.argv[1:] = ['--help']; from asyncsynth.cli.app import app_for; app_for('--help')"
    code = f"{code}; print(*[one for one in {HEAVY!r} if one in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment())
    assert result.stdout.strip() == ""


def test_what_a_run_loads_before_its_first_request_has_nothing_that_can_wait() -> None:
    code = f"import sys, asyncsynth.cli.run, asyncsynth.cli.work; print(*[m for m in {CAN_WAIT!r} if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment())
    assert result.stdout.strip() == ""


def test_an_unknown_command_is_exit_status_2(house: House) -> None:
    refused = house.run("rnu")
    assert refused.returncode == 2
    assert "rnu" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_misspelt_command_is_told_behind_options_too(house: House) -> None:
    refused = house.run("--limit", "5", "rnu")
    assert refused.returncode == 2
    assert "No such command 'rnu'. Did you mean 'run'?" in refused.stderr


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_the_short_help_is_the_help(house: House, name: str) -> None:
    short, long = house.run(*name.split(), "-h"), house.run(*name.split(), "--help")
    assert short.returncode == 0
    assert short.stdout == long.stdout


def test_options_may_stand_before_the_command_or_after_it(house: House) -> None:
    before = house.run("--config", "config.toml", "--limit", "7", "plan")
    assert before.returncode == 0, before.stderr
    assert "7 samples" in before.stdout
    assert before.stdout == house.run("plan", "--limit", "7", "--config", "config.toml").stdout
    assert before.stdout == house.run("--limit", "7", "plan", "--config", "config.toml").stdout


def test_an_option_without_a_command_is_a_run(house: House) -> None:
    refused = house.run("--concurrency", "0")
    assert refused.returncode == 2
    assert "limits.concurrency: must be a whole number from 1" in refused.stderr


def test_what_the_system_refuses_is_not_blamed_on_standard_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def app_for(_: str) -> Callable[..., Any]:
        def fail(*_: Any, **__: Any) -> None:
            raise OSError(errno.EIO, os.strerror(errno.EIO), "some.file")

        return fail

    monkeypatch.setattr(app, "app_for", app_for)
    assert cli._run(["plan"]) == 5
    said = capsys.readouterr().err
    assert said.startswith("asyncsynth: can't go on: some.file: Input/output error\n-> ")
