"""`asyncsynth init` in an empty folder, and beside a config that is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import House


@pytest.fixture
def empty(tmp_path: Path) -> House:
    """A folder with nothing in it."""
    folder = tmp_path / "empty"
    folder.mkdir()
    return House(folder)


def test_three_commands_lead_from_an_empty_folder_to_a_dataset(empty: House) -> None:
    written = empty.run("init")
    assert written.returncode == 0, written.stderr
    assert "next: asyncsynth plan\n" in written.stdout
    assert "256 samples" in empty.run("plan").stdout
    made = empty.run("run", "--set", "endpoint.provider=simulator")
    assert made.returncode == 0, made.stderr
    assert len(empty.records("runs/plot-outlines")) == 256


def test_what_it_says_to_do_next_can_be_pasted_into_a_shell(empty: House) -> None:
    assert "next: asyncsynth plan --config 'my recipe.toml'\n" in empty.run("init", "--to", "my recipe.toml").stdout


def test_a_second_one_refuses_with_what_to_do(empty: House) -> None:
    empty.run("init")
    (empty.folder / "config.toml").write_text("mine", encoding="utf-8")
    refused = empty.run("init")
    assert refused.returncode == 2
    assert refused.stderr.splitlines() == [
        "asyncsynth: config.toml already exists and was left as it is",
        "-> name another file with --to FILE, or move that one",
    ]
    assert (empty.folder / "config.toml").read_text(encoding="utf-8") == "mine"
