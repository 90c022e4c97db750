"""Near-duplicates: texts that share at least half of their runs of three words, by MinHash.

Broder, On the resemblance and containment of documents, 1997. 128 permutations and a threshold of 0.5: at 0.7 those
near the border are often missed in long texts. Sketches are of one version of the library and are never stored.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import lru_cache
from struct import Struct
from typing import Any

from asyncsynth.quality.words import words_in_utf8

PERMUTATIONS, BANDS, SEED = 128, 32, 2022
THRESHOLD = 0.5
RUN = 3  # words
_HASH = 8  # bytes


def sketch_of(text: str) -> Any:
    """The sketch of the first words of a text; None where it has no word."""
    return sketch_of_words(words_in_utf8(text))


def sketch_of_words(words: Sequence[str] | Sequence[bytes]) -> Any:
    """The same of all of these words."""
    import rensa  # noqa: PLC0415 - a start must not wait for it

    if not words:
        return None
    [hashes] = rensa.RMinHash.hash_token_sets([words])
    sketch = rensa.RMinHash(PERMUTATIONS, SEED)
    sketch.update(_runs(array("Q", hashes).tobytes(), len(hashes) - RUN + 1))
    return sketch


def _runs(hashes: bytes, number: int) -> Sequence[bytes]:
    """All so many runs of words, by their hashes: a third quicker than to join words. Of too few words all are one."""
    if number < 1:
        return [hashes]
    runs: list[bytes] = []
    for at in range(RUN):
        runs += _runs_in_a_row((number - at + RUN - 1) // RUN).unpack_from(hashes, at * _HASH)
    return runs


@lru_cache(256)
def _runs_in_a_row(number: int) -> Struct:
    """So many that begin where the one before ends."""
    return Struct(f"{RUN * _HASH}s" * number)


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
