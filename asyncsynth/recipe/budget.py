"""How much one rendering may read, make and take: what a template asks for beyond that is refused, not waited for.

Reading a text costs its length, making one MAKING times that, an element of a list or a step of a loop STEP. So a
rendering holds some 100 MB at most, and no single operation takes long. What adds up to more than MAX_SECONDS of
processor time is refused at the next step of a loop.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from jinja2.exceptions import SecurityError

MAX_CHARACTERS = 5_000_000  # of a rendered text, and of what a template makes on the way to it
MAX_SPLIT = 1_000_000  # characters of a text that is split, which makes a list of up to half as many
MAX_WORK = 100_000_000
MAX_SECONDS = 1.0
STEP = 400
MAKING = 4

T = TypeVar("T")


class Budget:
    """The budget of one rendering after the other; `processor_time` gives seconds."""

    __slots__ = ("_processor_time", "_until", "_work")

    def __init__(self, processor_time: Callable[[], float]) -> None:
        self._processor_time = processor_time
        self.begin()

    def begin(self) -> None:
        """A new rendering begins."""
        self._work = 0
        self._until = self._processor_time() + MAX_SECONDS

    def step(self) -> None:
        """A step of a loop."""
        self._spend(STEP)
        if self._processor_time() > self._until:
            raise SecurityError(f"takes more than {MAX_SECONDS:.0f} s: a loop without end?")

    def read(self, *values: Any) -> None:
        """Something is about to look at all of these."""
        self._spend(sum(map(weight, values)))

    def take_apart(self, *texts: str) -> None:
        """Something is about to go through the characters of these one by one."""
        self._spend(STEP * sum(map(len, texts)))

    def made(self, value: T) -> T:
        """A value that has been made, and is given back."""
        self._spend(MAKING * weight(value))
        return value

    def _spend(self, work: int) -> None:
        self._work += work
        if self._work > MAX_WORK:
            raise SecurityError("renders too much: a loop without end, or a text of many million characters?")


def weight(value: Any) -> int:
    """How much there is to read of a value."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list | tuple):
        return STEP * len(value) + sum(map(weight, value))
    if isinstance(value, dict):
        return STEP * len(value) + sum(map(weight, value.keys())) + sum(map(weight, value.values()))
    return 1


def check_size(characters: int) -> None:
    """Before a text of so many characters is made. SecurityError where that is too much."""
    if characters > MAX_CHARACTERS:
        raise SecurityError(f"a text of {characters:,} characters; at most {MAX_CHARACTERS:,} are possible")
