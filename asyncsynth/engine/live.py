"""What is there while a run works: what was there before it, and what came since of answers that samples may share."""

from __future__ import annotations

from collections.abc import Container
from typing import Protocol

from asyncsynth.engine.stage import Read
from asyncsynth.engine.way import Shelf
from asyncsynth.store.answers import StoredAnswer
from asyncsynth.values import GivenUp, Sample

AT_HAND = 8 << 20  # bytes of answers that are not read from the file again; those of the last few seconds, mostly


class Kept(Shelf, Protocol):
    """What is in the files. `came`: whether this run wrote the answer, in a run whose samples share answers."""

    def came(self, key: str) -> bool: ...
    def given_up(self, key: str, sample: Sample, step: str) -> GivenUp:
        """The end of a sample that comes to a dead letter which is there."""


class Live:
    """`told`: whether anything was asked for that came in this run, since that was set to False.

    What is `asking` is not there before all who wait for it hear of it, though it may be in the files.
    """

    def __init__(self, kept: Kept, asking: Container[str], *, is_empty: bool) -> None:
        self._kept, self._asking, self.is_empty = kept, asking, is_empty
        self.generation = kept.generation
        self.dead: dict[str, GivenUp] = {}
        self.told = False
        self._at_hand: dict[str, StoredAnswer] = {}  # the last asked for at the end
        self._size = 0

    def add(self, key: str, answer: StoredAnswer) -> None:
        """An answer that came; whoever asks for it when it is at hand no more gets it from the file."""
        self._at_hand[key] = answer
        self._size += _size_of(answer)
        while self._size > AT_HAND and self._kept.came(oldest := next(iter(self._at_hand))):
            self._size -= _size_of(self._at_hand.pop(oldest))

    def answer(self, key: str) -> Read | None:
        at_hand = self._at_hand
        if (answer := at_hand.pop(key, None)) is not None:
            at_hand[key] = answer
            self.told = True
            return answer.itself
        if key in self._asking:
            return None
        read = self._kept.answer(key)
        if read is not None and self._kept.came(key):
            self.told = True
        return read

    def is_dead(self, key: str) -> bool:
        if key in self.dead:
            self.told = True
            return True
        return self._kept.is_dead(key)

    def came(self, key: str) -> bool:
        """Whether an answer, or a dead letter, came in this run."""
        return key in self._at_hand or key in self.dead or self._kept.came(key)


class AsItWas:
    """The same as it was when the run began."""

    is_empty = False

    def __init__(self, kept: Kept, live: Live) -> None:
        self._kept, self._live = kept, live
        self.generation = kept.generation

    def answer(self, key: str) -> Read | None:
        return None if self._live.came(key) else self._kept.answer(key)

    def is_dead(self, key: str) -> bool:
        return not self._live.came(key) and self._kept.is_dead(key)


def _size_of(answer: StoredAnswer) -> int:
    return len(answer.text) + len(answer.told)
