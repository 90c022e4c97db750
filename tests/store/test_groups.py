"""answers.jsonl is believed only where every byte of the groups is as it was noted."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import pytest

from asyncsynth.store.answers import AnswerFacts
from asyncsynth.store.files import APPEND, OsFiles
from asyncsynth.store.groups import GROUP, Group, Grouping, Places, changed_group
from asyncsynth.store.ledger import SpentSum

LENGTH = 3


@pytest.mark.parametrize("count", [1, 50, 5000, 100_000])
def test_promise_3_a_byte_that_changed_anywhere_is_found_by_one_thread_or_two(tmp_path: Path, count: int) -> None:
    data = bytearray(random.Random(count).randbytes(LENGTH * count))
    places, files, path = Places(), OsFiles(), tmp_path / "answers.jsonl"
    for offset in range(0, len(data), LENGTH):
        places.add(offset, LENGTH, crc32(data[offset : offset + LENGTH]))
    path.write_bytes(data + b"more")
    fd = files.open(path, APPEND)
    assert places.end(len(places)) == len(data)
    assert changed_group(files, fd, places) is None
    for at in {0, len(data) // 2 - 1, len(data) // 2, len(data) // 2 + 1, len(data) - 1}:
        spoilt = bytearray(data)
        spoilt[at] ^= 1
        path.write_bytes(spoilt)
        assert changed_group(files, fd, places) == at // LENGTH
    path.write_bytes(data[:-1])
    assert changed_group(files, fd, places) == count - 1
    files.close(fd)


@pytest.mark.parametrize("offset", [LENGTH - 1, LENGTH + 1])
def test_groups_with_a_gap_or_an_overlap_are_not_believed(tmp_path: Path, offset: int) -> None:
    data = b"\1" * 4 * LENGTH
    path, files, places = tmp_path / "answers.jsonl", OsFiles(), Places()
    path.write_bytes(data)
    places.add(0, LENGTH, crc32(data[:LENGTH]))
    places.add(offset, LENGTH, crc32(data[:LENGTH]))
    fd = files.open(path, APPEND)
    assert changed_group(files, fd, places) == 1
    files.close(fd)


@pytest.mark.parametrize("wrong", [-1, 1.5, "1", 1 << 64, None])
def test_a_place_that_can_t_be_one_changes_nothing(wrong: int) -> None:
    places = Places()
    with pytest.raises((TypeError, OverflowError)):
        places.add(0, 1, wrong)
    assert len(places) == 0


def facts(key: str, run: int) -> AnswerFacts:
    return AnswerFacts(key, 0, run, 5, 7, None if run == 2 else 9, 1)


def test_a_group_s_line_has_its_place_checksum_and_sums(key: Callable[[int], str]) -> None:
    group = Group(2, 100)
    for number in range(3):
        each = facts(key(number), 2)
        group.add(b"line %d\n" % number, [each], SpentSum.of([each]))
    assert group.line() == {
        "type": "answers", "run": 2, "offset": 100, "length": 21, "checksum": crc32(b"line 0\nline 1\nline 2\n"),
        "prompt_tokens": 15, "completion_tokens": 21, "cost": 0, "unknown": 3, "keys": [key(n) for n in range(3)],
    }  # fmt: skip


def test_a_stream_is_cut_at_full_groups_and_where_the_run_changes(key: Callable[[int], str]) -> None:
    grouping = Grouping(10)
    runs = [1 if number <= GROUP else 2 for number in range(GROUP + 3)]
    closed = [grouping.add(b"12345\n", facts(key(number), run)) for number, run in enumerate(runs)]
    groups = [group for group in (*closed, grouping.begin_anew()) if group is not None]
    assert [(group.run, group.offset, len(group.keys)) for group in groups] == [
        (1, 10, GROUP), (1, 10 + 6 * GROUP, 1), (2, 16 + 6 * GROUP, 2),
    ]  # fmt: skip
    assert grouping.begin_anew() is None
