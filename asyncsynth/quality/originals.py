"""Tells whole texts that nearly repeat an earlier one, among any number of them.

It takes some 2.5 KB a text that repeats none.
"""

from __future__ import annotations

from asyncsynth.quality.sketch import BANDS, PERMUTATIONS, SEED, sketch_of_words


class Originals:
    """The texts so far of which none shares so much with another one; `threshold` from above 0 to 1."""

    def __init__(self, threshold: float) -> None:
        import rensa  # noqa: PLC0415 - a start must not wait for it

        self._known = rensa.RMinHashDeduplicator(threshold, PERMUTATIONS, use_lsh=True, num_bands=BANDS, seed=SEED)
        self._count = 0

    def repeats(self, text: str) -> bool:
        """Whether this text nearly repeats one of them; if not, it is one of them from now on."""
        sketch = sketch_of_words(text.lower().split())
        self._count += 1
        return sketch is not None and not self._known.add(str(self._count), sketch)
