"""Tells whole texts that nearly repeat an earlier one, among any number of them.

It takes some 2.5 KB a text that repeats none.
"""

from __future__ import annotations

from asyncsynth.quality.sketch import BANDS, PERMUTATIONS, SEED, sketch_of_words
from asyncsynth.quality.words import all_words_in_utf8

FEWEST = 8  # words: shorter texts, such as labels, are alike by nature


class Originals:
    """The texts so far of which none shares so much with another one; `threshold` from above 0 to 1."""

    def __init__(self, threshold: float) -> None:
        import rensa  # noqa: PLC0415 - a start must not wait for it

        self._known = rensa.RMinHashDeduplicator(threshold, PERMUTATIONS, use_lsh=True, num_bands=BANDS, seed=SEED)
        self._count = 0

    def repeats(self, text: str) -> bool:
        """Whether this text, if it isn't short, nearly repeats one of them; if not, it is one of them from now on."""
        words = all_words_in_utf8(text)
        if len(words) < FEWEST:
            return False
        self._count += 1
        return not self._known.add(str(self._count), sketch_of_words(words))
