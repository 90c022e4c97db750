from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import pytest

from asyncsynth.store import view_check, views
from asyncsynth.store.files import OsFiles
from asyncsynth.store.mark import Extent, Mark
from asyncsynth.store.view_check import ViewCheck
from asyncsynth.store.views import Views
from tests.patience import LONGEST_S

DATA = b"line of a record\n" * 1000
EXTENT = Extent(1000, len(DATA), crc32(DATA))
EDITED = DATA.replace(b"record", b"Record", 1)
EXPECTED = ("records.jsonl", EXTENT), ("failures.jsonl", Extent())


class Waiting(OsFiles):
    """Files of which nothing can be read before `go_on`."""

    def __init__(self) -> None:
        self.began, self.go_on, self.reads = threading.Event(), threading.Event(), 0

    def read(self, fd: int, size: int, offset: int) -> bytes:
        self.reads += 1
        self.began.set()
        self.go_on.wait(LONGEST_S)
        return super().read(fd, size, offset)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    for name, data in (("records.jsonl", DATA), ("failures.jsonl", b"")):
        (tmp_path / name).write_bytes(data)
    return tmp_path


@pytest.fixture
def large(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Views, Waiting]]:
    """Views that pass for large ones, and the files that whoever checks them reads."""
    monkeypatch.setattr(views, "WORTH_A_THREAD", 1)
    files = Waiting()
    opened = Views(files, directory, Mark("r", "o", 5, EXTENT), lambda: None)
    yield opened, files
    files.go_on.set()
    opened.close()
    assert "views" not in {thread.name for thread in threading.enumerate()}


def check_of(directory: Path, files: OsFiles) -> ViewCheck:
    return ViewCheck(files, [(directory / name, extent) for name, extent in EXPECTED])


@pytest.mark.parametrize(("data", "holds"), [(DATA, True), (DATA + b"more", True), (DATA[:-1], False), (EDITED, False)])
def test_a_check_tells_what_a_look_tells(directory: Path, data: bytes, holds: bool) -> None:
    (directory / "records.jsonl").write_bytes(data)
    check = check_of(directory, OsFiles())
    assert check.result() is holds
    check.stop()


def test_a_check_that_cannot_read_tells_nothing(directory: Path) -> None:
    (directory / "failures.jsonl").unlink()
    assert check_of(directory, OsFiles()).result() is None


def test_a_check_that_is_stopped_ends_soon_and_tells_nothing(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_check, "_PIECE", 10)
    files = Waiting()
    check = check_of(directory, files)
    files.began.wait(LONGEST_S)
    threading.Timer(0.1, files.go_on.set).start()
    check.stop()
    assert check.result() is None
    assert files.reads < 10


@pytest.mark.parametrize("changed", [False, True])
def test_nobody_waits_until_large_views_are_read_and_changes_are_told_later(
    directory: Path, large: tuple[Views, Waiting], changed: bool
) -> None:
    opened, files = large
    if changed:
        (directory / "records.jsonl").write_bytes(EDITED)
    assert opened.may_hold()
    files.go_on.set()
    assert opened.found_changed() is changed


def test_nothing_is_told_of_large_views_whose_check_was_given_up(directory: Path, large: tuple[Views, Waiting]) -> None:
    opened, files = large
    (directory / "records.jsonl").write_bytes(EDITED)
    assert opened.may_hold()
    opened.give_up_checking()
    files.go_on.set()
    assert not opened.found_changed()


def test_a_large_view_that_lacks_its_end_is_noticed_at_once(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "WORTH_A_THREAD", 1)
    (directory / "records.jsonl").write_bytes(DATA[:-1])
    opened = Views(Waiting(), directory, Mark("r", "o", 5, EXTENT), lambda: None)
    assert not opened.may_hold()
    opened.close()


def test_a_check_ends_before_its_views_are_replaced(large: tuple[Views, Waiting]) -> None:
    opened, files = large
    assert opened.may_hold()
    files.go_on.set()
    assert opened.leave_out(frozenset())
    assert "views" not in {thread.name for thread in threading.enumerate()}
    assert opened.hold()
