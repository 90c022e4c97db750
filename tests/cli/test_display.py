"""Who shows a run, and that nothing of the run depends on it."""

from __future__ import annotations

import asyncio
import errno
import sys
from typing import Any

import pytest

from asyncsynth.app.progress import Progress
from asyncsynth.cli.bar import Bar
from asyncsynth.cli.display import Unbreakable, display_for, keep_showing
from asyncsynth.cli.lines import Lines
from tests.app.test_progress import PROGRESS


class Screen:
    """A display that keeps what it is shown; `error` is what it raises instead."""

    seconds = 60.0

    def __init__(self, error: Exception | None = None) -> None:
        self.looks: list[Progress] = []
        self.notes: list[str] = []
        self.ended = False
        self.error = error

    def show(self, progress: Progress) -> None:
        self._fail()
        self.looks.append(progress)

    def note(self, event: str, **facts: Any) -> None:
        self._fail()
        self.notes.append(event)

    def clear(self) -> None:
        self._fail()

    def end(self) -> None:
        self.ended = True

    def _fail(self) -> None:
        if self.error is not None:
            raise self.error


async def test_the_last_look_is_shown_when_the_run_ends() -> None:
    screen = Screen()
    showing = asyncio.create_task(keep_showing(screen, lambda: PROGRESS))
    await asyncio.sleep(0)
    showing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await showing
    assert screen.looks == [PROGRESS]
    assert screen.ended


@pytest.mark.parametrize("error", [OSError(errno.EIO, "terminal gone"), BrokenPipeError(), ValueError("closed file")])
def test_promise_8_a_display_whose_stream_fails_falls_silent_and_raises_nothing(error: Exception) -> None:
    screen = Screen(error)
    display = Unbreakable(screen)
    display.note("first")
    screen.error = None
    display.note("second")
    display.show(PROGRESS)
    assert (screen.notes, screen.looks) == ([], [])


class Tty:
    """Standard error on a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def shown_by(display: object) -> type:
    assert isinstance(display, Unbreakable)
    return type(display._display)


def test_a_terminal_has_the_bar_and_one_that_can_draw_nothing_has_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Tty())
    monkeypatch.setenv("TERM", "xterm")
    assert shown_by(display_for(None, str)) is Bar
    assert shown_by(display_for("json", str)) is Lines
    monkeypatch.setenv("TERM", "dumb")
    assert shown_by(display_for(None, str)) is Lines
    monkeypatch.setattr(sys, "stderr", None)
    assert shown_by(display_for(None, str)) is Lines
