from __future__ import annotations

import threading
from pathlib import Path
from zlib import crc32

import pytest

from asyncsynth.store import view_check
from asyncsynth.store.files import READ, OsFiles
from asyncsynth.store.manifest import header
from asyncsynth.store.mark import Extent, Mark
from asyncsynth.store.scan import Source
from asyncsynth.store.sealed import seal
from asyncsynth.store.store import open_store
from asyncsynth.store.view_check import ViewCheck, begin_check, last_mark
from tests.patience import LONGEST_S

DATA = b"line of a record\n" * 1000
EXTENT = Extent(1000, len(DATA), crc32(DATA))
MARK = Mark("r", "o", 5, EXTENT)


@pytest.fixture
def paths(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "records.jsonl").write_bytes(DATA)
    (tmp_path / "failures.jsonl").write_bytes(b"")
    return tmp_path / "records.jsonl", tmp_path / "failures.jsonl"


def manifest_of(tmp_path: Path, *lines: bytes) -> Source:
    path = tmp_path / "manifest.jsonl"
    path.write_bytes(b"".join(lines))
    return Source(path, OsFiles().open(path, READ))


@pytest.mark.parametrize(
    ("data", "holds"),
    [(DATA, True), (DATA + b"more", True), (DATA[:-1], False), (DATA.replace(b"record", b"Record", 1), False)],
)
def test_a_check_tells_what_a_look_tells(paths: tuple[Path, Path], data: bytes, holds: bool) -> None:
    paths[0].write_bytes(data)
    check = ViewCheck(OsFiles(), paths, MARK)
    assert check.result() is holds
    check.stop()


def test_a_check_that_cannot_read_tells_nothing(paths: tuple[Path, Path]) -> None:
    paths[1].unlink()
    assert ViewCheck(OsFiles(), paths, MARK).result() is None


def test_a_check_that_is_stopped_ends_soon_and_tells_nothing(
    paths: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view_check, "_PIECE", 10)
    began, go_on = threading.Event(), threading.Event()

    class Waiting(OsFiles):
        reads = 0

        def read(self, fd: int, size: int, offset: int) -> bytes:
            Waiting.reads += 1
            began.set()
            go_on.wait(LONGEST_S)
            return super().read(fd, size, offset)

    check = ViewCheck(Waiting(), paths, MARK)
    began.wait(LONGEST_S)
    threading.Timer(0.1, go_on.set).start()
    check.stop()
    assert check.result() is None
    assert Waiting.reads < 10


def test_the_last_mark_is_found_from_the_end(tmp_path: Path) -> None:
    older = seal(Mark("r", "o", 1).line())
    rest = seal(header(1.0)) * 3
    for lines in ([older, seal(MARK.line()), rest], [older, seal(MARK.line()), rest, b'{"type":"views","rec']):
        assert last_mark(OsFiles(), manifest_of(tmp_path, rest, *lines)) == MARK
    assert last_mark(OsFiles(), manifest_of(tmp_path, rest)) == Mark()
    assert last_mark(OsFiles(), manifest_of(tmp_path)) == Mark()
    spoilt = seal(MARK.line()).replace(b'"answers":5', b'"answers":6')
    assert last_mark(OsFiles(), manifest_of(tmp_path, rest, older, spoilt)) == Mark("r", "o", 1)


def test_a_mark_far_from_the_end_is_left_to_the_replay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_check, "_LOOK_BACK", 300)
    assert last_mark(OsFiles(), manifest_of(tmp_path, seal(MARK.line()), seal(header(1.0)) * 5)) == Mark()


def test_small_views_are_left_to_whoever_asks(tmp_path: Path, paths: tuple[Path, Path]) -> None:
    assert begin_check(OsFiles(), paths, manifest_of(tmp_path, seal(header(1.0)), seal(MARK.line()))) is None


@pytest.mark.parametrize("changed", [False, True])
def test_an_open_checks_large_views_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: bool) -> None:
    monkeypatch.setattr(view_check, "WORTH_A_THREAD", 1)
    with open_store(tmp_path, now=lambda: 1.0) as store:
        views = store.open_views()
        views.make_anew([], recipe="r", order="o")
        views.records.append([DATA[:17]] * 1000)
        store.note_views()
    if changed:
        (tmp_path / "records.jsonl").write_bytes(DATA.replace(b"record", b"Record", 1))
    with open_store(tmp_path, now=lambda: 1.0) as store:
        views = store.open_views()
        monkeypatch.setattr(views.records, "holds", lambda: pytest.fail("it was read again"))
        assert views.hold() is not changed
        assert views.leave_out(frozenset()) is not changed
    open_store(tmp_path, now=lambda: 1.0).close()
    assert "views" not in {thread.name for thread in threading.enumerate()}
