"""Who hears of a run while it works; whatever a listener raises costs no call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from asyncsynth.values import End, Fault

T = TypeVar("T")


class Listener(Protocol):
    """Hears of what happens; whatever it raises drains the run, which then raises it."""

    def on_end(self, end: End) -> None:
        """Samples have their end, and it is in the files."""
        ...

    def on_trouble(self, fault: Fault) -> None:
        """A call failed."""
        ...

    def on_note(self, words: str) -> None:
        """Something that a person should know."""
        ...


class Audience:
    """Passes everything on to a listener; `gone` is the first thing that it raised, `on_gone` what follows from it."""

    def __init__(self, listener: Listener) -> None:
        self.gone: Exception | None = None
        self.on_gone: Callable[[], None] | None = None
        self._listener = listener

    def on_end(self, end: End) -> None:
        self._pass_on(self._listener.on_end, end)

    def on_trouble(self, fault: Fault) -> None:
        self._pass_on(self._listener.on_trouble, fault)

    def on_note(self, words: str) -> None:
        self._pass_on(self._listener.on_note, words)

    def _pass_on(self, hear: Callable[[T], None], what: T) -> None:
        if self.gone is not None:
            return
        try:
            hear(what)
        except Exception as error:  # noqa: BLE001 - what is under way ends and is kept; then it is raised
            self.gone = error
            if self.on_gone is not None:
                self.on_gone()
