"""records.jsonl is believed to be indexed only where every byte is as it was noted."""

from __future__ import annotations

import random
from pathlib import Path
from zlib import crc32

import pytest

from asyncsynth.store.files import APPEND, OsFiles
from asyncsynth.store.index import Places, index_holds

LENGTH = 3


@pytest.mark.parametrize("count", [1, 50, 5000, 100_000])
def test_promise_4_a_byte_that_changed_anywhere_is_found_by_one_thread_or_two(tmp_path: Path, count: int) -> None:
    data = bytearray(random.Random(count).randbytes(LENGTH * count))
    places, files, path = Places(), OsFiles(), tmp_path / "records.jsonl"
    for offset in range(0, len(data), LENGTH):
        places.add(offset, LENGTH, crc32(data[offset : offset + LENGTH]))
    path.write_bytes(data + b"more")
    fd = files.open(path, APPEND)
    assert places.end(len(places)) == len(data)
    assert index_holds(files, fd, places)
    for at in {0, len(data) // 2 - 1, len(data) // 2, len(data) // 2 + 1, len(data) - 1}:
        spoilt = bytearray(data)
        spoilt[at] ^= 1
        path.write_bytes(spoilt)
        assert not index_holds(files, fd, places), at
    path.write_bytes(data[:-1])
    assert not index_holds(files, fd, places)
    files.close(fd)


@pytest.mark.parametrize("offset", [LENGTH - 1, LENGTH + 1])
def test_groups_with_a_gap_or_an_overlap_are_not_believed(tmp_path: Path, offset: int) -> None:
    data = b"\1" * 4 * LENGTH
    path, files, places = tmp_path / "records.jsonl", OsFiles(), Places()
    path.write_bytes(data)
    places.add(0, LENGTH, crc32(data[:LENGTH]))
    places.add(offset, LENGTH, crc32(data[:LENGTH]))
    fd = files.open(path, APPEND)
    assert not index_holds(files, fd, places)
    files.close(fd)


@pytest.mark.parametrize("wrong", [-1, 1.5, "1", 1 << 64, None])
def test_a_place_that_can_t_be_one_changes_nothing(wrong: int) -> None:
    places = Places()
    with pytest.raises((TypeError, OverflowError)):
        places.add(0, 1, wrong)
    assert len(places) == 0
