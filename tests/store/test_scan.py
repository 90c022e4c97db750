from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from asyncsynth.errors import StoreDamaged
from asyncsynth.store import scan as scan_module
from asyncsynth.store.files import APPEND, OsFiles
from asyncsynth.store.scan import (
    Format,
    ReadAhead,
    Source,
    Tail,
    last_line_end,
    last_lines,
    line_number,
    read_lines,
    read_newest_pieces_first,
    scan,
)

FORM = Format(b'{"k":', lambda line: line.startswith(b'{"k":') and line.endswith(b"}"), "ask somebody")
GOOD = b'{"k":1}'


def source_of(path: Path, data: bytes) -> Source:
    path.write_bytes(data)
    return Source(path, OsFiles().open(path, APPEND))


def scanned(path: Path, data: bytes, start: int = 0) -> tuple[list[bytes], Tail]:
    taken: list[bytes] = []

    def take(lines: list[bytes], offset: int) -> int:
        assert data[offset:].startswith(lines[0] + b"\n")
        good = next((number for number, line in enumerate(lines) if not FORM.is_ours(line)), len(lines))
        taken.extend(lines[:good])
        return good

    return taken, scan(OsFiles(), source_of(path, data), take, FORM, start)


@pytest.mark.parametrize("newest", [1, 6, 9, 100])
def test_the_newest_lines_come_first_and_each_line_once(
    tmp_path: Path, newest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan_module, "NEWEST", newest)
    data = b"aa\nbbbb\nc\ndd\n"
    pieces = read_newest_pieces_first(OsFiles(), source_of(tmp_path / "j", data + b"torn").fd, len(data))
    lines = [(place, line) for place, piece in pieces for line in piece]
    begins = {0: b"aa", 3: b"bbbb", 8: b"c", 10: b"dd"}
    first = next((place for place in begins if place >= len(data) - newest), 0)
    assert lines[:1] == [(first, begins[first])] if first else lines[:1] == [(0, b"aa")]
    assert sorted(line for _, line in lines) == sorted(begins.values())


def test_lines_longer_than_a_chunk_are_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_module, "CHUNK", 5)
    source = source_of(tmp_path / "j", b"a" * 17 + b"\n\nbcd\nefgh\ntorn")
    files = OsFiles()
    expected = [(0, b"a" * 17), (18, b""), (19, b"bcd"), (23, b"efgh")]
    assert list(read_lines(files, source.fd)) == expected
    assert list(read_lines(files, source.fd, 18)) == expected[1:]
    assert last_line_end(files, source.fd) == 28
    assert [line_number(files, source.fd, place) for place, _ in expected] == [1, 2, 3, 4]


def test_a_file_without_a_newline_has_no_line_and_ends_at_its_beginning(tmp_path: Path) -> None:
    source = source_of(tmp_path / "j", b"abc")
    assert list(read_lines(OsFiles(), source.fd)) == []
    assert last_line_end(OsFiles(), source.fd) == 0


@pytest.mark.parametrize("rest", [b"", b"{", b'{"k":', b'{"k":12', b"\0", b"\0" * 40, b'{"k\0\0\0', b'{"k":1\0\0'])
def test_promise_4_what_a_crash_leaves_of_a_line_is_torn(tmp_path: Path, rest: bytes) -> None:
    assert scanned(tmp_path / "j", GOOD + b"\n" + rest) == ([GOOD], Tail(8))
    assert scanned(tmp_path / "j", rest) == ([], Tail(0))


@pytest.mark.parametrize("newline", [b"", b"\0", b"\0\0\0", b"\x0b", b"J"])
def test_a_whole_line_that_only_lacks_its_newline_is_no_torn_one(tmp_path: Path, newline: bytes) -> None:
    assert scanned(tmp_path / "j", GOOD + b"\n" + GOOD + newline) == ([GOOD], Tail(8, GOOD))


@pytest.mark.parametrize("foreign", [b"hello", b"[{", b"{}", b'{ "k":', b' {"k":1}', b'{"q'])
def test_promise_4_a_file_that_is_not_ours_is_never_called_torn(tmp_path: Path, foreign: bytes) -> None:
    for number, data in enumerate((foreign, GOOD + b"\n" + foreign), 1):
        with pytest.raises(StoreDamaged, match="was not written by asyncsynth") as refusal:
            scanned(tmp_path / "j", data)
        assert f"line {number} (byte offset {len(data) - len(foreign)})" in refusal.value.message
        assert "ask somebody. Nothing was changed" in refusal.value.hint


@pytest.mark.parametrize("bad", [b"", b"foreign", b'{"k":1', b"\0\0"])
def test_a_bad_line_with_its_newline_is_refused_with_its_place(tmp_path: Path, bad: bytes) -> None:
    for rest in (b"", GOOD + b"\n", GOOD):
        with pytest.raises(StoreDamaged, match=r"line 2 \(byte offset 8\)"):
            scanned(tmp_path / "j", GOOD + b"\n" + bad + b"\n" + rest)


def test_a_long_foreign_file_in_one_line_is_refused_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_module, "read_pieces", lambda *_: pytest.fail("it was read"))
    with pytest.raises(StoreDamaged):
        scanned(tmp_path / "j", b"[" + b"1," * 100_000)


@pytest.mark.parametrize("number", [1, 3, 500])
def test_the_last_lines_are_found_from_behind_however_long_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr("asyncsynth.store.scan.CHUNK", 16)
    path, lines = tmp_path / "lines", [b"%d" % place * (1 + place % 7) for place in range(100)]
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    with path.open("rb") as file:
        assert last_lines(OsFiles(), file.fileno(), path.stat().st_size, number) == lines[-number:]


def test_all_of_a_file_is_told_once_before_it_is_read_in_order(tmp_path: Path) -> None:
    told: list[range] = []

    class Listening(OsFiles):
        def will_read(self, fd: int, size: int, offset: int) -> None:
            told.append(range(offset, offset + size))

    ahead = ReadAhead(Listening(), 0, 5)
    megabyte = 1 << 20
    for place in (5, megabyte, 2 * megabyte, 9 * megabyte, 100 * megabyte):
        ahead.at(place)
        assert any(place + megabyte in each for each in told)
    assert all(before.stop <= after.start for before, after in pairwise(told))
    assert len(told) == 4, "a few large wishes, not one for each piece"
