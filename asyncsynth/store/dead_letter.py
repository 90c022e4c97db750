"""A dead letter: a sample that was given up on, as the manifest tells of it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from asyncsynth.store.manifest import Line
from asyncsynth.values import Value


class DeadLetter(Struct, frozen=True):
    """A sample that was given up on."""

    key: str
    generation: int
    combination: Mapping[str, Value]
    repeat: int
    reason: str
    message: str
    attempts: int
    status: int | None
    created: str
    order: str  # of the recipe that gave it up


def dead_letter(line: Line, order: str) -> DeadLetter:
    """The dead letter of a `dead` line, in a run of this order."""
    return DeadLetter(
        str(line["key"]),
        int(line["generation"]),
        dict(line["combination"]),
        int(line["repeat"]),
        str(line["reason"]),
        str(line["message"]),
        int(line["attempts"]),
        line["status"],
        str(line["created"]),
        order,
    )
