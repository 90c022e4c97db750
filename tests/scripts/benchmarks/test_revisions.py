"""Another revision beside ours, from a real repository."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.revisions import NoSuchRevision, beside
from benchmarks.sides import Side


@pytest.fixture
def ours(tmp_path: Path) -> Side:
    """A repository with one commit, and the working tree changed since."""
    root = tmp_path / "repository"
    root.mkdir()
    (root / "asyncsynth.py").write_text("print('committed')")
    (root / "requirements.txt").write_text("# nothing\n")
    author = ("-c", "user.name=bench", "-c", "user.email=bench@example.org")
    for arguments in (("init", "-q"), ("add", "."), (*author, "commit", "-q", "-m", "first")):
        subprocess.run(["git", *arguments], cwd=root, check=True)
    (root / "asyncsynth.py").write_text("print('changed')")
    scratch = tmp_path / "ours"
    scratch.mkdir()
    return Side("ours", root, sys.executable, scratch)


def test_each_side_runs_its_own_code(ours: Side, tmp_path: Path) -> None:
    mine, theirs = beside(ours, "HEAD", tmp_path / "theirs")
    assert (mine.asyncsynth().output, theirs.asyncsynth().output) == ("changed\n", "committed\n")


def test_equal_locks_share_an_interpreter(ours: Side, tmp_path: Path) -> None:
    mine, theirs = beside(ours, "HEAD", tmp_path / "theirs")
    assert (mine.python, theirs.python) == (sys.executable, sys.executable)


@pytest.mark.slow
def test_other_locks_get_environments_of_their_own_which_are_kept(
    ours: Side, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (ours.root / "requirements.txt").write_text("# nothing either\n")
    mine, theirs = beside(ours, "HEAD", tmp_path / "theirs")
    assert len({mine.python, theirs.python, sys.executable}) == 3
    assert (mine.asyncsynth().output, theirs.asyncsynth().output) == ("changed\n", "committed\n")
    made_at = Path(mine.python).lstat().st_ctime_ns
    again, _ = beside(ours, "HEAD", tmp_path / "again")
    assert (again.python, Path(again.python).lstat().st_ctime_ns) == (mine.python, made_at)


def test_a_revision_that_is_none_is_told_with_the_words_of_git(ours: Side, tmp_path: Path) -> None:
    with pytest.raises(NoSuchRevision, match="git says: fatal: "):
        beside(ours, "--help", tmp_path / "theirs")
