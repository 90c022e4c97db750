from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from asyncsynth.errors import StoreDamaged
from asyncsynth.store import lookup as lookup_module
from asyncsynth.store.answers import stored
from asyncsynth.store.files import READ, OsFiles
from asyncsynth.store.lookup import Lookup
from asyncsynth.values import Answered

SIZES = [10, 5000, 10, 300, 200_000, 10, 10, 700]


class Counting(OsFiles):
    """Counts the bytes that are read."""

    def __init__(self) -> None:
        self.bytes = 0

    def read(self, fd: int, size: int, offset: int) -> bytes:
        data = super().read(fd, size, offset)
        self.bytes += len(data)
        return data


def write(path: Path, answered: Callable[..., Answered], *generations: int) -> int:
    lines = []
    for generation in generations:
        for number, size in enumerate(SIZES):
            lines.append(stored(answered(number, generation, text=f"{generation} " + "x" * size), run=1)[0])
    path.write_bytes(b"".join(lines))
    return sum(map(len, lines[: len(SIZES)]))


@pytest.mark.parametrize("piece", [64, 4096, 1 << 18])
def test_every_answer_is_found_in_any_order(
    tmp_path: Path, answered: Callable[..., Answered], key: Callable[[int], str], monkeypatch: pytest.MonkeyPatch,
    piece: int,
) -> None:  # fmt: skip
    monkeypatch.setattr(lookup_module, "_NEAR", piece)
    write(tmp_path / "a", answered, 0)
    files = OsFiles()
    lookup = Lookup(files, tmp_path / "a", files.open(tmp_path / "a", READ), {key(n) for n in range(len(SIZES))})
    order = list(range(len(SIZES)))
    for seed in range(5):
        random.Random(seed).shuffle(order)
        for number in [*order, *range(len(SIZES))]:
            answer = lookup.answer(key(number))
            assert answer is not None
            assert (answer.key, len(answer.text)) == (key(number), SIZES[number] + 2)


def test_the_newest_answer_of_a_key_is_found_and_what_is_not_wanted_is_not(
    tmp_path: Path, answered: Callable[..., Answered], key: Callable[[int], str]
) -> None:
    first = write(tmp_path / "a", answered, 0, 1)
    files = OsFiles()
    fd = files.open(tmp_path / "a", READ)
    for start in (0, first):
        lookup = Lookup(files, tmp_path / "a", fd, {key(1), key(99)}, start)
        answer = lookup.answer(key(1))
        assert answer is not None
        assert answer.text[0] == "1"
        assert (lookup.answer(key(2)), lookup.answer(key(99))) == (None, None)


def test_a_file_that_changes_meanwhile_is_refused(
    tmp_path: Path, answered: Callable[..., Answered], key: Callable[[int], str]
) -> None:
    write(tmp_path / "a", answered, 0)
    files = OsFiles()
    lookup = Lookup(files, tmp_path / "a", files.open(tmp_path / "a", READ), {key(1)})
    data = (tmp_path / "a").read_bytes()
    (tmp_path / "a").write_bytes(data[5:])
    with pytest.raises(StoreDamaged, match="is no answer of"):
        lookup.answer(key(1))


@pytest.mark.parametrize(("order", "most"), [
    (list(range(3000)), 2.5),
    ([n ^ 31 for n in range(2976)], 2.5),
    ([n // 2 + 1500 * (n % 2) for n in range(3000)], 6.0),
])  # fmt: skip
def test_answers_near_each_other_are_read_once_and_far_ones_in_small_pieces(
    tmp_path: Path, answered: Callable[..., Answered], key: Callable[[int], str], order: list[int], most: float
) -> None:
    lines = [stored(answered(number, text="x" * 700), run=1)[0] for number in range(3000)]
    (tmp_path / "a").write_bytes(b"".join(lines))
    files = Counting()
    lookup = Lookup(files, tmp_path / "a", files.open(tmp_path / "a", READ), {key(number) for number in order})
    for number in order:
        assert lookup.answer(key(number)) is not None
    assert files.bytes / sum(map(len, lines)) < most
