"""The environment that the scripts make has a command that works wherever the folder stands."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.environments import copy_project, make_environment, succeed
from tests.tree import ROOT

INSTALL = ("bash", "-euc", ". scripts/environment; install_command .venv")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A clone whose environment has what the lock installs, and not yet the command."""
    folder = tmp_path / "first place"
    copy_project(folder)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    make_environment(folder / ".venv", [*project["dependencies"], "pip", "setuptools"])
    return folder


def test_the_command_needs_no_network_to_be_installed_and_works_on_the_files_of_the_checkout(
    checkout: Path, tmp_path: Path
) -> None:
    succeed(*INSTALL, cwd=checkout)
    source = checkout / "asyncsynth" / "version.py"
    version = succeed(checkout / ".venv/bin/asyncsynth", "--version", cwd=tmp_path)
    source.write_text(source.read_text(encoding="utf-8").replace(version.split()[1], "99.99.99"), encoding="utf-8")
    assert succeed(checkout / ".venv/bin/asyncsynth", "--version", cwd=tmp_path) == "asyncsynth 99.99.99\n"


def test_a_checkout_that_was_moved_gets_a_command_of_its_own(checkout: Path, tmp_path: Path) -> None:
    succeed(*INSTALL, cwd=checkout)
    moved = checkout.rename(tmp_path / "second place")
    succeed(*INSTALL, cwd=moved)
    assert succeed(moved / ".venv/bin/asyncsynth", "--version", cwd=tmp_path).startswith("asyncsynth ")
