"""Near-duplicates: texts that share at least half of their runs of three words, by MinHash.

Broder, On the resemblance and containment of documents, 1997. 128 permutations and a threshold of 0.5: at 0.7 those
near the border are often missed in long texts. Sketches are of one version of the library and are never stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from asyncsynth.quality.words import runs_of, words_of

PERMUTATIONS, BANDS, SEED = 128, 32, 2022
THRESHOLD = 0.5
RUN = 3  # words


def sketch_of(text: str) -> Any:
    """The sketch of the first words of a text; None where it has no word."""
    return sketch_of_words(words_of(text))


def sketch_of_words(words: list[str]) -> Any:
    """The same of all of these words."""
    import rensa  # noqa: PLC0415 - a start must not wait for it

    runs = runs_of(words, RUN)
    if not runs:
        return None
    sketch = rensa.RMinHash(PERMUTATIONS, SEED)
    sketch.update(runs)
    return sketch


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
