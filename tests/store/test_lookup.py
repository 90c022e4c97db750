"""Answers are found by their keys whatever the order, and in flat memory where they are asked for nearly in theirs."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import pytest

from asyncsynth.errors import StoreDamaged
from asyncsynth.store import lookup as lookup_module
from asyncsynth.store import scan
from asyncsynth.store.answers import answer_of, stored
from asyncsynth.store.files import READ, OsFiles
from asyncsynth.store.keys import KeySet
from asyncsynth.store.lookup import Lookup
from asyncsynth.values import Answered

SIZES = [10, 5000, 10, 300, 200_000, 10, 10, 700]

Answers = Callable[..., Answered]
KeyOf = Callable[[int], str]


class Counting(OsFiles):
    """Counts the bytes that are read."""

    def __init__(self) -> None:
        self.bytes = 0

    def read(self, fd: int, size: int, offset: int) -> bytes:
        data = super().read(fd, size, offset)
        self.bytes += len(data)
        return data


class Opened:
    """A lookup in a file of answers, asked by numbers."""

    def __init__(
        self,
        path: Path,
        key: KeyOf,
        there: Iterable[int],
        *,
        generations: Mapping[int, int] | None = None,
        start: int = 0,
        shared: bool = False,
    ) -> None:
        self.files, self._key = Counting(), key
        answered = KeySet()
        for number in there:
            answered.add(key(number))
        dropped = {key(number): generation for number, generation in (generations or {}).items()}
        source = scan.Source(path, self.files.open(path, READ))
        pieces = scan.read_pieces(self.files, source.fd, start)
        self.lookup = Lookup(self.files, source, answered, dropped, pieces, shared=shared)

    def text(self, number: int) -> str | None:
        key = self._key(number)
        parts = self.lookup.parts(key.encode())
        return None if parts is None else answer_of(key, parts).text

    @property
    def remembers_places(self) -> bool:
        return self.lookup._places is not None


def write(path: Path, answered: Answers, *generations: int, sizes: Sequence[int] = SIZES) -> int:
    """Returns the size of the first generation."""
    lines = []
    for generation in generations:
        for number, size in enumerate(sizes):
            lines.append(stored(answered(number, generation, text=f"{generation} " + "x" * size), run=1)[0])
    path.write_bytes(b"".join(lines))
    return sum(map(len, lines[: len(sizes)]))


@pytest.mark.parametrize("chunk", [1 << 10, 1 << 20])
@pytest.mark.parametrize("ahead", [0, 6000, 1 << 20])
@pytest.mark.parametrize("near", [64, 4096])
def test_every_answer_is_found_in_any_order(
    tmp_path: Path, answered: Answers, key: KeyOf, monkeypatch: pytest.MonkeyPatch, near: int, ahead: int, chunk: int
) -> None:
    monkeypatch.setattr(lookup_module, "_NEAR", near)
    monkeypatch.setattr(lookup_module, "_AHEAD", ahead)
    monkeypatch.setattr(scan, "CHUNK", chunk)
    write(tmp_path / "a", answered, 0)
    order = list(range(len(SIZES)))
    for seed in range(10):
        random.Random(seed).shuffle(order)
        opened = Opened(tmp_path / "a", key, order)
        assert [len(opened.text(number) or "") for number in order] == [SIZES[number] + 2 for number in order]
        shared = Opened(tmp_path / "a", key, order, shared=True)
        for number in [*order, *range(len(SIZES)), *order]:
            assert len(shared.text(number) or "") == SIZES[number] + 2


@pytest.mark.parametrize("ahead", [0, 1 << 20])
def test_of_a_key_that_was_dropped_only_the_newest_answer_counts(
    tmp_path: Path, answered: Answers, key: KeyOf, monkeypatch: pytest.MonkeyPatch, ahead: int
) -> None:
    monkeypatch.setattr(lookup_module, "_AHEAD", ahead)
    monkeypatch.setattr(scan, "CHUNK", 4096)
    first = write(tmp_path / "a", answered, 0, 1)
    all_of_them = range(len(SIZES))
    for start in (0, first):
        again = Opened(tmp_path / "a", key, all_of_them, generations=dict.fromkeys(all_of_them, 1), start=start)
        assert {(again.text(number) or "")[0] for number in reversed(all_of_them)} == {"1"}
    dropped_again = Opened(tmp_path / "a", key, [1], generations=dict.fromkeys(all_of_them, 2) | {1: 1})
    assert [(dropped_again.text(number) or "none")[0] for number in (3, 1)] == ["n", "1"]


def test_what_has_no_answer_is_not_found_and_keeps_nothing_from_being_found(
    tmp_path: Path, answered: Answers, key: KeyOf
) -> None:
    write(tmp_path / "a", answered, 0)
    opened = Opened(tmp_path / "a", key, range(len(SIZES)))
    assert [opened.text(number) for number in (99, 98, 97)] == [None, None, None]
    assert opened.text(1) is not None


@pytest.mark.parametrize("ahead", [0, 1 << 20])
def test_a_file_that_changes_meanwhile_is_refused(
    tmp_path: Path, answered: Answers, key: KeyOf, monkeypatch: pytest.MonkeyPatch, ahead: int
) -> None:
    monkeypatch.setattr(lookup_module, "_AHEAD", ahead)
    monkeypatch.setattr(lookup_module, "_FAR", 64)
    monkeypatch.setattr(scan, "CHUNK", 1000)
    write(tmp_path / "a", answered, 0)
    data = (tmp_path / "a").read_bytes()
    for changed in (data[5:], data.replace(b"0 xxxx", b"0 xyxx"), data[:5000], b""):
        opened = Opened(tmp_path / "a", key, range(len(SIZES)))
        opened.text(2)
        (tmp_path / "a").write_bytes(changed)
        with pytest.raises(StoreDamaged, match="is not as it was a moment ago"):
            [opened.text(number) for number in (4, 5, 6, 7, 0)]
        (tmp_path / "a").write_bytes(data)


LATE = 100


def in_order(count: int) -> list[int]:
    return list(range(count))


def in_flight(count: int) -> list[int]:
    """Answers that overtook each other."""
    return [number ^ 31 for number in range(count)]


def one_late(count: int) -> list[int]:
    """One answer came when most others were there."""
    return [count - LATE, *range(count - LATE), *range(count - LATE + 1, count)]


def two_runs(count: int) -> list[int]:
    """The second run made every other sample."""
    return [number // 2 + count // 2 * (number % 2) for number in range(count)]


@pytest.mark.parametrize(
    ("order", "most", "remembers"),
    [(in_order, 1.1, False), (in_flight, 1.1, False), (one_late, 2.5, True), (two_runs, 6.0, True)],
)
def test_what_is_asked_for_nearly_in_order_is_read_once_and_kept_nowhere(
    tmp_path: Path, answered: Answers, key: KeyOf, monkeypatch: pytest.MonkeyPatch,
    order: Callable[[int], list[int]], most: float, remembers: bool,
) -> None:  # fmt: skip
    count = 2976
    monkeypatch.setattr(lookup_module, "_AHEAD", 1 << 18)
    monkeypatch.setattr(scan, "CHUNK", 1 << 16)
    write(tmp_path / "a", answered, 0, sizes=[700] * count)
    opened = Opened(tmp_path / "a", key, range(count))
    for number in order(count):
        assert opened.text(number) is not None
    assert opened.files.bytes < most * (tmp_path / "a").stat().st_size
    assert opened.remembers_places == remembers
    assert not opened.lookup._ahead
