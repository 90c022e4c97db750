"""Near-duplicates: texts that share at least half of their runs of three words, by MinHash.

Broder, On the resemblance and containment of documents, 1997. 128 permutations and a threshold of 0.5: at 0.7 those
near the border are often missed in long texts. Sketches are of one version of the library and are never stored.

The words stand in cells of one size, so that C cuts the runs out of them: half of the time that joining words takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from struct import Struct
from typing import Any
from zlib import crc32

from asyncsynth.quality.words import WORDS, words_in_utf8

PERMUTATIONS, BANDS, SEED = 128, 32, 2022
THRESHOLD = 0.5
RUN = 3  # words
_CELL = 40  # bytes, of which the last is free; 19 Cyrillic letters, and longer words are rare ones
_SUM = 4  # bytes, of CRC-32


def sketch_of(text: str) -> Any:
    """The sketch of the first words of a text; None where it has no word."""
    return sketch_of_words(words_in_utf8(text))


def sketch_of_words(words: Sequence[bytes]) -> Any:
    """The same of all of these words."""
    import rensa  # noqa: PLC0415 - a start must not wait for it

    if not words:
        return None
    sketch = rensa.RMinHash(PERMUTATIONS, SEED)
    for piece in _pieces(words):
        sketch.update(_runs(piece))
    return sketch


def _pieces(words: Sequence[bytes]) -> Iterable[Sequence[bytes]]:
    """At most WORDS words each, in which every run stands once."""
    if len(words) <= WORDS:
        return [words]
    return (words[at : at + WORDS] for at in range(0, len(words) - RUN + 1, WORDS - RUN + 1))


def _runs(words: Sequence[bytes]) -> Sequence[bytes]:
    """All runs of these words, at most WORDS; of too few words all are one."""
    of_words, of_runs = _cuts(len(words))
    cells = of_words.pack(*words)
    if cells[_CELL - 1 :: _CELL].count(0) < len(words):  # a longer one has been cut off
        cells = of_words.pack(*[word if len(word) < _CELL else _shortened(word) for word in words])
    runs: list[bytes] = []
    for at, cut in of_runs:
        runs += cut.unpack_from(cells, at)
    return runs or [cells]


def _shortened(word: bytes) -> bytes:
    """What stands for a long word: its beginning, and a sum of it all."""
    return word[: _CELL - 1 - _SUM] + crc32(word).to_bytes(_SUM)


@cache
def _cuts(number: int) -> tuple[Struct, list[tuple[int, Struct]]]:
    """So many cells, and the runs of them: those that follow each other, from which byte on."""
    firsts = range(min(RUN, number - RUN + 1))
    return _in_a_row(_CELL, number), [(at * _CELL, _in_a_row(RUN * _CELL, (number - at) // RUN)) for at in firsts]


@cache
def _in_a_row(size: int, number: int) -> Struct:
    """So many of so many bytes each."""
    return Struct(f"{size}s" * number)


def share_with_a_double(sketches: Sequence[Any]) -> float:
    """The share of these texts that are nearly the same as another one of them, from 0 to 1."""
    import rensa  # noqa: PLC0415 - the same

    known = {place: sketch for place, sketch in enumerate(sketches) if sketch is not None}
    index = rensa.RMinHashLSH(THRESHOLD, PERMUTATIONS, BANDS)
    doubles: set[int] = set()
    for place, sketch in known.items():
        alike = [other for other in index.query(sketch) if sketch.jaccard(known[other]) >= THRESHOLD]
        if alike:
            doubles |= {place, *alike}
        index.insert(place, sketch)
    return len(doubles) / len(sketches) if sketches else 0.0
