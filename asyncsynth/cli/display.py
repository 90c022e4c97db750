"""What a person sees of a run: a bar on a terminal, log lines elsewhere or where they are asked for."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from functools import partial
from typing import Any, Literal, Protocol

from asyncsynth.app.progress import Progress
from asyncsynth.cli.bar import Bar
from asyncsynth.cli.lines import Lines
from asyncsynth.cli.logs import logger


class Display(Protocol):
    """Shows a run to somebody; `seconds` between two looks."""

    seconds: float

    def show(self, progress: Progress) -> None: ...
    def note(self, event: str, **facts: Any) -> None: ...
    def clear(self) -> None:
        """Make room for what somebody else writes on the same terminal."""
        ...

    def end(self) -> None: ...


class Unbreakable:
    """A display that falls silent where its stream fails, so that nothing of a run depends on who watches it."""

    def __init__(self, display: Display) -> None:
        self.seconds = display.seconds
        self._display: Display | None = display

    def show(self, progress: Progress) -> None:
        self._tell(lambda display: display.show(progress))

    def note(self, event: str, **facts: Any) -> None:
        self._tell(lambda display: display.note(event, **facts))

    def clear(self) -> None:
        self._tell(lambda display: display.clear())

    def end(self) -> None:
        self._tell(lambda display: display.end())

    def _tell(self, how: Callable[[Display], None]) -> None:
        if self._display is not None:
            try:
                how(self._display)
            except (OSError, ValueError):
                self._display = None


def display_for(log_format: Literal["text", "json"] | None, scrub: Callable[[str], str]) -> Display:
    """The bar where standard error is a terminal that can draw one, else lines."""
    if log_format is None and sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        return Unbreakable(Bar(sys.stderr))
    return Unbreakable(Lines(partial(logger, log_format or "text", scrub)))


async def keep_showing(display: Display, look: Callable[[], Progress | None]) -> None:
    """Show a fresh look every `display.seconds` until cancelled, and a last one then."""
    try:
        while True:
            await asyncio.sleep(display.seconds)
            _show(display, look())
    finally:
        _show(display, look())
        display.end()


def _show(display: Display, progress: Progress | None) -> None:
    if progress is not None:
        display.show(progress)
