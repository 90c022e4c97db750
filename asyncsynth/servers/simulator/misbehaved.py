"""What a model writes that does not do what it was asked: changes of its text, by the kind of fault."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from asyncsynth.servers.simulator.faults import FaultKind
from asyncsynth.servers.simulator.text import MARK

LOWEST_GRADE, HIGHEST_GRADE = 1, 5
FRAGMENT_WORDS = 4
# The mark comes last: how a refusal begins is what it is known by.
REFUSALS = tuple(
    f"{opening} {MARK.rstrip()}"
    for opening in (
        "I'm sorry, but I can't help with that request.",
        "I\u2019m sorry, but I can\u2019t assist with that.",
        "As an AI language model, I cannot create such content.",
        "Es tut mir leid, aber dabei kann ich nicht helfen.",
        "Je suis désolé, mais je ne peux pas vous aider avec cette demande.",
        "Lo siento, pero no puedo ayudarte con esa solicitud.",
    )
)
SAME_TEXT = (
    f"{MARK}Once upon a time there was a lighthouse by the sea, and its keeper lit the lamp every evening until dawn."
)


def _without_its_type(text: str) -> str:
    """JSON whose first field is null, or which is null itself."""
    tree = _read(text)
    return orjson.dumps({**tree, next(iter(tree)): None} if isinstance(tree, dict) and tree else None).decode()


def _graded(grade: int) -> Callable[[str], str]:
    """What makes every whole number in an object of JSON this one; any other text stays as it is."""

    def change(text: str) -> str:
        tree = _read(text)
        if not isinstance(tree, dict):
            return text
        return orjson.dumps({name: grade if type(value) is int else value for name, value in tree.items()}).decode()

    return change


def _refusal(text: str) -> str:
    """One of them, drawn by what would have been written."""
    return REFUSALS[sum(text.encode()) % len(REFUSALS)]


def _read(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


CHANGES: dict[FaultKind, Callable[[str], str]] = {
    FaultKind.FENCED: lambda text: f"```json\n{text}\n```",
    FaultKind.PROSE_AROUND: lambda text: f"{MARK}Here is what you asked for:\n\n{text}\n\nI hope that helps.",
    FaultKind.CUT_SHORT: lambda text: text[: len(text) // 2],
    FaultKind.WRONG_TYPE: _without_its_type,
    FaultKind.REFUSES_IN_WORDS: _refusal,
    FaultKind.FRAGMENT: lambda text: " ".join(text.split()[:FRAGMENT_WORDS]),
    FaultKind.SAME_AGAIN: lambda _: SAME_TEXT,
    FaultKind.LOW_GRADES: _graded(LOWEST_GRADE),
    FaultKind.HIGH_GRADES: _graded(HIGHEST_GRADE),
}
