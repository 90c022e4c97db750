from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from asyncsynth.cli.console import mend_streams, tell_error
from asyncsynth.errors import UsageError

OPEN_A_FILE = """
import sys
from asyncsynth.cli.console import mend_streams, warn
mend_streams()
with open(sys.argv[1], "w") as file:
    file.write(f"{file.fileno()}, {sys.stdout}")
warn("goes nowhere")
"""


def test_no_file_takes_the_number_of_a_stream_that_is_closed(tmp_path: Path) -> None:
    """Else a warning that a library writes to standard error would stand among the answers."""
    told = tmp_path / "told"
    closed = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"]
    subprocess.run([*closed, sys.executable, "-c", OPEN_A_FILE, str(told)], check=True)
    number, stdout = told.read_text().split(", ")
    assert int(number) > 2
    assert stdout == "None", "a command whose result nobody can read has failed"


def test_a_deleted_working_directory_is_the_reason_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    tell_error(UsageError("config.toml: no such config", hint="write one"))
    gone.rmdir()
    tell_error(UsageError("config.toml: no such config", hint="write one"))
    before, after = capsys.readouterr().err.split("asyncsynth: ")[1:]
    assert "-> write one" in before
    assert "cd to one that is there" in after


def test_a_terminal_of_no_columns_is_one_of_unknown_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "0")
    mend_streams()
    assert "COLUMNS" not in os.environ
