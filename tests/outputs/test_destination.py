"""What stands where an export goes: there as a whole or not at all, and nothing of anybody else's is replaced."""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from asyncsynth.errors import ExportFailed, UsageError
from asyncsynth.outputs.destination import MARKER, check_destination, file_made_aside, made_aside


def make(target: Path, text: str = "one\n") -> None:
    with made_aside(target, {"format": "chat"}) as aside:
        (aside / "train.jsonl").write_text(text)


def tree(folder: Path) -> dict[str, str]:
    """Every file of a folder but the marker, with what is in it."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != MARKER]
    return {str(path.relative_to(folder)): path.read_text() for path in files}


def test_a_directory_is_there_as_a_whole(tmp_path: Path) -> None:
    with made_aside(tmp_path / "deep" / "set", {}) as aside:
        (aside / "train.jsonl").write_text("one\n")
        assert not (tmp_path / "deep" / "set").exists()
    assert tree(tmp_path) == {"deep/set/train.jsonl": "one\n"}
    assert (tmp_path / "deep" / "set").stat().st_mode & 0o777 == 0o700


def test_what_fails_leaves_nothing_and_changes_nothing(tmp_path: Path) -> None:
    make(tmp_path / "set")

    def fail() -> None:
        with made_aside(tmp_path / "set", {}) as aside:
            (aside / "train.jsonl").write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert tree(tmp_path) == {"set/train.jsonl": "one\n"}


def test_a_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    target = tmp_path / "set.jsonl"
    target.write_text("old\n")
    with file_made_aside(target) as aside:
        (aside / "set.jsonl").write_text("new\n")
        assert target.read_text() == "old\n"
    assert tree(tmp_path) == {"set.jsonl": "new\n"}


def test_an_earlier_export_is_replaced(tmp_path: Path) -> None:
    make(tmp_path / "set")
    check_destination(tmp_path / "set", force=False)
    make(tmp_path / "set", "two\n")
    assert tree(tmp_path) == {"set/train.jsonl": "two\n"}


def edited(folder: Path) -> None:
    (folder / "train.jsonl").write_text("two\n")
    os.utime(folder / "train.jsonl", ns=(2**61, 2**61))


def added_to(folder: Path) -> None:
    (folder / "adapter").mkdir()
    (folder / "adapter" / "weights").write_text("a night of training")


@pytest.mark.parametrize("change", [edited, added_to])
def test_an_export_that_was_changed_is_replaced_by_force_only(tmp_path: Path, change: Callable[[Path], None]) -> None:
    make(tmp_path / "set")
    change(tmp_path / "set")
    with pytest.raises(UsageError, match="was changed since it was exported"):
        check_destination(tmp_path / "set", force=False)
    check_destination(tmp_path / "set", force=True)


@pytest.mark.parametrize("force", [False, True])
def test_a_directory_of_somebody_else_is_never_replaced(tmp_path: Path, force: bool) -> None:
    (tmp_path / "thesis.txt").write_text("x")
    with pytest.raises(UsageError, match="is not an export of asyncsynth"):
        check_destination(tmp_path, force=force)


def test_an_empty_directory_is_filled(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    check_destination(tmp_path / "set", force=False)
    make(tmp_path / "set")
    assert tree(tmp_path) == {"set/train.jsonl": "one\n"}


def test_a_file_is_replaced_by_force_only(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("x")
    with pytest.raises(UsageError, match="already exists"):
        check_destination(tmp_path / "a.jsonl", force=False)
    check_destination(tmp_path / "a.jsonl", force=True)


def test_a_link_or_a_pipe_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe"):
        with pytest.raises(UsageError, match="neither a file nor a directory"):
            check_destination(tmp_path / name, force=True)


def test_a_pipe_in_the_place_of_the_marker_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    os.mkfifo(tmp_path / "set" / MARKER)
    with pytest.raises(UsageError, match="is not an export of asyncsynth"):
        check_destination(tmp_path / "set", force=True)


def test_where_the_disk_refuses_the_cause_is_told_and_what_was_there_stays(tmp_path: Path) -> None:
    make(tmp_path / "set")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))  # a real limit of this process; SIGXFSZ is ignored here
    try:
        with pytest.raises(ExportFailed, match=os.strerror(errno.EFBIG)):
            make(tmp_path / "set", "x" * 2000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert tree(tmp_path) == {"set/train.jsonl": "one\n"}


def test_where_the_folder_can_not_be_made_the_cause_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ExportFailed, match=os.strerror(errno.ENOTDIR)):
        make(tmp_path / "file" / "deep" / "set")


@pytest.mark.parametrize("fails_at", [1, 2])
def test_where_a_sync_fails_it_says_which_of_both_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    make(tmp_path / "set")
    synced: list[int] = []

    def fsync(fd: int) -> None:
        synced.append(fd)
        if len(synced) == fails_at:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(ExportFailed) as failed:
        make(tmp_path / "set", "two\n")
    is_new = "is written" in str(failed.value)
    assert is_new == ("nothing was exported" not in failed.value.hint) == (fails_at == 2)
    assert tree(tmp_path) == {"set/train.jsonl": "two\n" if is_new else "one\n"}
