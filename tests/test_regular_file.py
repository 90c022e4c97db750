"""What a person names as a file is read, or refused at once."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from asyncsynth.config.paths import ENV_FILE
from asyncsynth.config.read import read
from asyncsynth.errors import UsageError
from asyncsynth.outputs.marks import read_marks
from asyncsynth.provider.variables import Variables
from asyncsynth.regular_file import read_regular


def a_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


NO_FILES: dict[str, Callable[[Path], None]] = {"pipe": os.mkfifo, "directory": Path.mkdir, "socket": a_socket}


@pytest.fixture(params=list(NO_FILES.values()), ids=list(NO_FILES))
def no_file(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)  # the path of a socket is short
    path = Path(ENV_FILE)
    request.param(path)
    return path


def test_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"text")
    assert read_regular(tmp_path / "there") == b"text"


def test_what_is_no_file_is_refused_at_once(no_file: Path) -> None:
    with pytest.raises(OSError, match=r"it is a|No such device"):
        read_regular(no_file)


def test_a_config_that_is_no_file_is_told(no_file: Path) -> None:
    with pytest.raises(UsageError, match="can't be read: "):
        read(no_file)


def test_variables_that_are_in_no_file_are_told(no_file: Path) -> None:
    with pytest.raises(UsageError, match="can't be read: "):
        Variables({}, no_file.parent).get("KEY")


def test_marks_that_are_in_no_file_are_told(no_file: Path) -> None:
    with pytest.raises(UsageError, match="can't be read: "):
        read_marks(no_file)
