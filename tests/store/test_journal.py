from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from asyncsynth.errors import StoreWriteFailed
from asyncsynth.store.files import OsFiles
from asyncsynth.store.journal import Journal
from asyncsynth.store.scan import read_lines


class Failing(OsFiles):
    """Fails what is named in `failing`; notes what is written through other descriptors."""

    def __init__(self) -> None:
        self.failing: set[str] = set()
        self.patched: list[tuple[int, bytes]] = []

    def _check(self, method: str) -> None:
        if method in self.failing:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    def write(self, fd: int, data: bytes) -> int:
        self._check("write")
        return super().write(fd, data)

    def fdatasync(self, fd: int) -> None:
        self._check("fdatasync")
        super().fdatasync(fd)

    def write_at(self, fd: int, data: bytes, offset: int) -> int:
        self.patched.append((offset, data))
        return super().write_at(fd, data, offset)

    def ftruncate(self, fd: int, size: int) -> None:
        self._check("ftruncate")
        super().ftruncate(fd, size)


def test_lines_go_where_append_says(tmp_path: Path) -> None:
    journal = Journal(OsFiles(), tmp_path / "j")
    assert journal.append([b"one\n", b"two\n"]) == 0
    assert journal.append([b"three\n"]) == 8
    assert list(read_lines(OsFiles(), journal.fd)) == [(0, b"one"), (4, b"two"), (8, b"three")]
    assert list(read_lines(OsFiles(), journal.fd, 4)) == [(4, b"two"), (8, b"three")]
    journal.close()


@pytest.mark.parametrize("claimed", [3, 8, 100])
def test_a_write_that_claims_more_than_it_did_tears_nothing(tmp_path: Path, claimed: int) -> None:
    class Lying(Failing):
        def write(self, fd: int, data: bytes) -> int:
            return claimed if "write" in self.failing else super().write(fd, data)

    files = Lying()
    journal = Journal(files, tmp_path / "j")
    journal.append([b"one\n"])
    files.failing = {"write"}
    with pytest.raises(StoreWriteFailed, match="does not hold what was written"):
        journal.append([b"two\n", b"three\n"])
    assert (tmp_path / "j").read_bytes() == b"one\n"
    journal.close()


@pytest.mark.parametrize("others", [b"foreign\n", b"", b"f"])
def test_what_another_program_does_to_the_file_is_noticed_and_not_cut(tmp_path: Path, others: bytes) -> None:
    journal, path = Journal(OsFiles(), tmp_path / "j"), tmp_path / "j"
    journal.append([b"first\n"])
    if others:
        with path.open("ab") as file:
            file.write(others)
    else:
        path.write_bytes(b"")
    with pytest.raises(StoreWriteFailed, match="another program changes this file") as failure:
        journal.append([b"two\n"])
    assert "stop that program" in failure.value.hint
    assert path.read_bytes() == ((b"first\n" + others) if others else b"") + b"two\n"
    journal.close()


@pytest.mark.parametrize("method", ["write", "fdatasync"])
def test_after_a_failure_everything_is_refused(tmp_path: Path, method: str) -> None:
    files = Failing()
    journal = Journal(files, tmp_path / "j")
    journal.append([b"one\n"])
    files.failing = {method}
    step = {"write": lambda: journal.append([b"two\n"]), "fdatasync": journal.sync}[method]
    with pytest.raises(StoreWriteFailed, match="Input/output error"):
        step()
    files.failing = set()
    for refused in (lambda: journal.append([b"three\n"]), journal.sync):
        with pytest.raises(StoreWriteFailed, match="Input/output error"):
            refused()
    assert not journal.healthy
    assert b"three" not in (tmp_path / "j").read_bytes()
    journal.close()


def test_a_failed_sync_writes_the_group_again_through_another_descriptor(tmp_path: Path) -> None:
    """The kernel marks the pages of a failed fsync clean; only a new write makes a later sync try them again."""
    files = Failing()
    journal = Journal(files, tmp_path / "j")
    journal.append([b"safe\n"])
    journal.sync()
    journal.append([b"one\n"])
    journal.append([b"two\n"])
    files.failing = {"fdatasync"}
    with pytest.raises(StoreWriteFailed):
        journal.sync()
    assert files.patched == [(5, b"one\n"), (9, b"two\n")]
    assert (tmp_path / "j").read_bytes() == b"safe\none\ntwo\n"
    journal.close()


def test_the_message_stays_when_the_tail_can_not_be_cut(tmp_path: Path) -> None:
    files = Failing()
    journal = Journal(files, tmp_path / "j")
    files.failing = {"write", "ftruncate"}
    with pytest.raises(StoreWriteFailed, match=r"can't write to .*j: Input/output error") as failure:
        journal.append([b"one\n"])
    assert "check it" in failure.value.hint
    journal.close()


def test_a_sync_begins_with_what_an_earlier_process_left(tmp_path: Path) -> None:
    (tmp_path / "j").write_bytes(b"old\n")
    files = Failing()
    journal = Journal(files, tmp_path / "j")
    files.failing = {"fdatasync"}
    with pytest.raises(StoreWriteFailed):
        journal.sync()
    journal.close()


def test_what_is_let_go_is_in_the_file_and_no_longer_in_memory(tmp_path: Path) -> None:
    journal = Journal(OsFiles(), tmp_path / "raw.jsonl")
    before = len(journal._unsynced)
    journal.append([b"x" * 1000 + b"\n"])
    assert len(journal._unsynced) == before + 1
    journal.let_go()
    assert journal._unsynced == []
    journal.sync()
    journal.close()
    assert (tmp_path / "raw.jsonl").read_bytes() == b"x" * 1000 + b"\n"


def test_promise_5_what_is_written_again_is_synced_again_though_a_cut_had_synced_it(tmp_path: Path) -> None:
    files = Failing()
    (tmp_path / "j").write_bytes(b"one\ntwo\nto")
    journal = Journal(files, tmp_path / "j")
    journal.cut(8)
    journal.write_again(4)
    assert files.patched == [(4, b"two\n")]
    files.failing.add("fdatasync")
    with pytest.raises(StoreWriteFailed):
        journal.sync()
    journal.close()
    assert (tmp_path / "j").read_bytes() == b"one\ntwo\n"
