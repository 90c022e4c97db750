"""A run as one line at the bottom of a terminal: done and total first, then a bar, then the figures that fit."""

from __future__ import annotations

import shutil
from typing import Any, TextIO

from asyncsynth.app.progress import Progress, sentence
from asyncsynth.text import printable_line

BAR_SECONDS = 0.25
WIDTH = 24  # of the bar
NARROW = 100  # columns below which the bar makes room for the figures
NARROW_WIDTH = 8


class Bar:
    """A Display that draws its line anew in its place, whatever the width of the terminal is by now."""

    seconds = BAR_SECONDS

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._full, self._empty = ("█", "░") if "utf" in (stream.encoding or "").lower() else ("#", "-")
        self._drawn = 0  # characters of the line that stands on the screen

    def show(self, progress: Progress) -> None:
        columns = self._columns()
        line = self.line(progress, columns)
        self._write(f"{self._erased(columns)}{line}")
        self._drawn = len(line)

    def line(self, progress: Progress, columns: int) -> str:
        """What is drawn on a terminal of so many columns; never wider than it."""
        width = WIDTH if columns >= NARROW else NARROW_WIDTH
        filled = round(width * (progress.done / progress.total if progress.total else 1.0))
        bar = self._full * filled + self._empty * (width - filled)
        whole = f"{progress.done:,}/{progress.total:,} {bar} {sentence(progress)}"
        return whole if len(whole) < columns else whole[: columns - 1]

    def note(self, event: str, **facts: Any) -> None:
        told = " ".join(f"{name}={value}" for name, value in facts.items())
        self.clear()
        self._write(f"{printable_line(f'{event} {told}'.strip(), 1000)}\n")

    def clear(self) -> None:
        self._write(self._erased(self._columns()))
        self._drawn = 0

    def end(self) -> None:
        """The last line stays on the screen."""
        if self._drawn:
            self._write("\n")
            self._drawn = 0

    def _erased(self, columns: int) -> str:
        """To the beginning of the line and all behind it gone; a terminal that became narrower has wrapped it."""
        wrapped = max(self._drawn - 1, 0) // columns
        return "\r" + (f"\x1b[{wrapped}A" if wrapped else "") + "\x1b[J"

    def _columns(self) -> int:
        return max(shutil.get_terminal_size().columns, 2)

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
