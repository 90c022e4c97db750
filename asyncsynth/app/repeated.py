"""Answers of a step that nearly repeat an earlier one, whoever looks at them and how often.

Whether one does follows from the order of answers.jsonl alone: it is compared with all that stand before it there.
"""

from __future__ import annotations

from collections.abc import Callable

from asyncsynth.quality.gates import Rejection
from asyncsynth.quality.repeated import EarlierAnswers
from asyncsynth.store.answers import StoredAnswer
from asyncsynth.store.keys import KeySet

WHY = "nearly repeats an earlier answer"


class Repeated:
    """Each answer is to be looked at for the first time in the order of the file."""

    def __init__(self, threshold: float, cleaned: Callable[[str], str]) -> None:
        self._seen, self._cleaned = EarlierAnswers(threshold), cleaned
        self._known, self._repeating = KeySet(), KeySet()

    def see(self, answer: StoredAnswer) -> None:
        """Remembers an answer."""
        self.rejection(answer)

    def rejection(self, answer: StoredAnswer) -> Rejection | None:
        """None where it repeats none."""
        if self._known.add(answer.key) and self._seen.add(self._cleaned(answer.text)) is not None:
            self._repeating.add(answer.key)
        return Rejection("duplicate", WHY) if answer.key in self._repeating else None
