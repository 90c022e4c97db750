"""The config that ships: the same wherever it stands, whole, and never written over a file of the user's."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from asyncsynth.app.example import example, write_example
from asyncsynth.errors import UsageError
from tests.conftest import unmeasured

ROOT = Path(__file__).parents[2]


def test_the_config_at_the_top_of_the_repository_is_the_one_in_the_package() -> None:
    same = (ROOT / "config.toml").read_bytes() == example()
    assert same, "copy the one that was edited over the other: config.toml, asyncsynth/examples/plot-outlines.toml"


def test_it_is_written_as_it_is(tmp_path: Path) -> None:
    write_example(tmp_path / "config.toml")
    assert (tmp_path / "config.toml").read_bytes() == example()


@pytest.mark.parametrize("kind", ["file", "folder", "link to nothing"])
def test_what_is_there_already_is_left_as_it_is(tmp_path: Path, kind: str) -> None:
    there = tmp_path / "config.toml"
    if kind == "file":
        there.write_text("mine", encoding="utf-8")
    elif kind == "folder":
        there.mkdir()
    else:
        there.symlink_to(tmp_path / "elsewhere")
    before = there.lstat()
    with pytest.raises(UsageError, match="already exists and was left as it is"):
        write_example(there)
    assert there.lstat() == before
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"can't be written: No such file or directory"):
        write_example(tmp_path / "no" / "config.toml")


def test_the_home_directory_may_be_abbreviated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write_example(Path("~/config.toml"))
    assert (tmp_path / "config.toml").exists()


@unmeasured
def test_a_full_disk_leaves_no_half_config_behind(tmp_path: Path) -> None:
    code = f"from pathlib import Path; write_example(Path({str(tmp_path / 'config.toml')!r}))"

    ignore_the_signal = "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)"

    def at_most_1000_bytes() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    failed = subprocess.run(
        [sys.executable, "-c", f"{ignore_the_signal}; from asyncsynth.app.example import write_example; {code}"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=at_most_1000_bytes,
    )
    assert "can't be written: File too large" in failed.stderr
    assert list(tmp_path.iterdir()) == []
