"""What a person sees on a terminal while a run works."""

from __future__ import annotations

import io
import os

import pytest
from msgspec.structs import replace

from asyncsynth.cli.bar import Bar
from tests.app.test_progress import PROGRESS


class Terminal(io.TextIOWrapper):
    """A stream with an encoding, in memory."""

    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__(io.BytesIO(), encoding=encoding)

    def shown(self) -> str:
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue().decode(self.encoding)


@pytest.mark.parametrize("columns", [40, 80, 120, 300])
def test_done_and_total_stay_and_the_line_is_never_wider_than_the_terminal(columns: int) -> None:
    progress = replace(PROGRESS, done=50_769, total=1_000_000, waiting_for="a long reason why nothing is sent " * 3)
    line = Bar(Terminal()).line(progress, columns)
    assert line.startswith("50,769/1,000,000 ")
    assert len(line) < columns


def test_an_encoding_without_blocks_gets_ascii() -> None:
    assert Bar(Terminal("latin-1")).line(PROGRESS, 80).isascii()


def test_a_terminal_that_became_narrower_is_cleaned_of_the_wrapped_line(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    bar = Bar(terminal)
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((120, 24)))
    bar.show(PROGRESS)
    drawn = len(bar.line(PROGRESS, 120))
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((50, 24)))
    before = len(terminal.shown())
    bar.show(PROGRESS)
    assert f"\r\x1b[{(drawn - 1) // 50}A\x1b[J" in terminal.shown()[before:]


def test_a_note_stands_above_the_bar_and_carries_no_escape_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((120, 24)))
    terminal = Terminal()
    bar = Bar(terminal)
    bar.show(PROGRESS)
    before = len(terminal.shown())
    bar.note("fault", message="\x1b]0;owned\x07 boom")
    assert terminal.shown()[before:].endswith("\r\x1b[J" + "fault message=]0;owned boom\n")


def test_the_last_line_stays_on_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((200, 24)))
    terminal = Terminal()
    bar = Bar(terminal)
    bar.show(PROGRESS)
    bar.end()
    assert terminal.shown().endswith("1 failed\n")
