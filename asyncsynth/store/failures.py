"""failures.jsonl: a view of the current dead letters, one line each; the manifest is the truth about them."""

from __future__ import annotations

from collections.abc import Iterable

from asyncsynth.store.encoding import encode
from asyncsynth.store.state import DeadLetter


def failure_line(letter: DeadLetter) -> bytes:
    return encode(
        {
            "key": letter.key,
            "combination": letter.combination,
            "repeat": letter.repeat,
            "reason": letter.reason,
            "message": letter.message,
            "attempts": letter.attempts,
            "status": letter.status,
            "created": letter.created,
        }
    )


def failures_view(letters: Iterable[DeadLetter]) -> bytes:
    """The whole file as it should be."""
    return b"".join(failure_line(letter) for letter in letters)
