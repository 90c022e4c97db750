from __future__ import annotations

import errno
from pathlib import Path
from zlib import crc32

import pytest

from asyncsynth.errors import StoreWriteFailed
from asyncsynth.store.files import OsFiles
from asyncsynth.store.mark import Extent
from asyncsynth.store.view import View, ViewChanged

LINES = [b"one\n", b"two two\n", b"three\n"]
ALL = b"".join(LINES)
EXTENT = Extent(3, len(ALL), crc32(ALL))


def view_of(tmp_path: Path, data: bytes, extent: Extent = EXTENT) -> View:
    (tmp_path / "view").write_bytes(data)
    return View(OsFiles(), tmp_path / "view", extent)


def test_an_extent_grows_with_what_is_appended(tmp_path: Path) -> None:
    view = View(OsFiles(), tmp_path / "view", Extent())
    view.append(LINES[:1])
    view.append(LINES[1:])
    assert view.extent == EXTENT
    assert view.holds()
    view.close()


@pytest.mark.parametrize("rest", [b"", b"more\n", b"torn"])
def test_what_follows_the_extent_is_cut_and_does_not_count(tmp_path: Path, rest: bytes) -> None:
    view = view_of(tmp_path, ALL + rest)
    assert view.holds()
    assert list(view.lines()) == [(0, LINES[0]), (4, LINES[1]), (12, LINES[2])]
    view.cut()
    view.append([b"next\n"])
    assert (tmp_path / "view").read_bytes() == ALL + b"next\n"
    view.close()


@pytest.mark.parametrize("data", [b"", ALL[:-1], ALL[:4], b"One\n" + ALL[4:], ALL[4:] + ALL[:4]])
def test_promise_3_a_file_that_holds_something_else_is_noticed(tmp_path: Path, data: bytes) -> None:
    view = view_of(tmp_path, data)
    assert not view.holds()
    with pytest.raises(ViewChanged):
        list(view.lines())
    view.close()


def test_every_flipped_bit_is_noticed(tmp_path: Path) -> None:
    for bit in range(8 * len(ALL)):
        data = bytearray(ALL)
        data[bit // 8] ^= 1 << bit % 8
        view = view_of(tmp_path, bytes(data))
        assert not view.holds(), bit
        with pytest.raises(ViewChanged):
            list(view.lines())
        view.close()


def test_a_draft_replaces_the_file_and_the_view_goes_on_with_it(tmp_path: Path) -> None:
    view = view_of(tmp_path, b"old\n")
    with view.draft() as draft:
        draft.add(LINES[:2])
        draft.add(LINES[2:])
        view.take(draft)
    assert view.extent == EXTENT
    view.append([b"next\n"])
    assert (tmp_path / "view").read_bytes() == ALL + b"next\n"
    assert [path.name for path in tmp_path.iterdir()] == ["view"]
    view.close()


def test_a_draft_that_is_not_taken_leaves_nothing_behind(tmp_path: Path) -> None:
    view = view_of(tmp_path, ALL)
    with view.draft() as draft:
        draft.add(LINES)
    assert [path.name for path in tmp_path.iterdir()] == ["view"]
    assert view.holds()
    view.close()


def test_a_draft_longer_than_its_buffer_is_whole(tmp_path: Path) -> None:
    view, many = view_of(tmp_path, b""), [b"x" * 300_000 + b"\n"] * 10
    with view.draft() as draft:
        draft.add(many)
        view.take(draft)
    assert (tmp_path / "view").read_bytes() == b"".join(many)
    assert view.holds()
    view.close()


class Full(OsFiles):
    def __init__(self, method: str) -> None:
        self.method = method

    def fdatasync(self, fd: int) -> None:
        if self.method == "fdatasync":
            raise OSError(errno.ENOSPC, "No space left on device")
        super().fdatasync(fd)

    def rename(self, source: Path, target: Path) -> None:
        if self.method == "rename":
            raise OSError(errno.ENOSPC, "No space left on device")
        super().rename(source, target)


@pytest.mark.parametrize("method", ["fdatasync", "rename"])
def test_a_draft_that_cannot_be_finished_leaves_the_old_file(tmp_path: Path, method: str) -> None:
    (tmp_path / "view").write_bytes(ALL)
    view = View(Full(method), tmp_path / "view", EXTENT)
    with view.draft() as draft:
        draft.add([b"new\n"])
        with pytest.raises(StoreWriteFailed, match="No space left"):
            view.take(draft)
    assert [path.name for path in tmp_path.iterdir()] == ["view"]
    assert (tmp_path / "view").read_bytes() == ALL
    assert view.healthy
    view.close()
