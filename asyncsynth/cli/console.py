"""What the command line prints: results on standard output, errors on standard error, all of it made printable.

A stream may be closed, full, without a reader, on a terminal that is gone, or without a character for what is said.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import TextIO

from asyncsynth.errors import AsyncsynthError
from asyncsynth.text import printable


class StdoutFailed(Exception):
    """Standard output takes no more; `quiet`: its reader went away (`| head`), so nobody is left to tell."""

    def __init__(self, error: Exception) -> None:
        self.quiet = isinstance(error, BrokenPipeError)
        super().__init__(getattr(error, "strerror", None) or str(error))


def say(text: str = "") -> None:
    """A line on standard output. Raises StdoutFailed."""
    try:
        _write(sys.stdout, f"{printable(text)}\n")
    except (OSError, ValueError) as error:
        raise StdoutFailed(error) from error


def warn(text: str) -> None:
    """A line on standard error, where that takes one: whoever can't read it can't be told either."""
    try:
        _write(sys.stderr, f"{printable(text)}\n")
    except (OSError, ValueError):
        return


def tell_error(error: AsyncsynthError) -> None:
    """What happened and why, and what to do now."""
    gone = "the folder that you work in is gone: cd to one that is there" if _folder_is_gone() else ""
    then = "".join(f"\n-> {hint}" for hint in (gone, error.hint) if hint)
    warn(f"asyncsynth: {error.message}{then}")


def _folder_is_gone() -> bool:
    """Whether the working directory was deleted, which makes every relative path one that does not exist."""
    try:
        return Path().stat().st_nlink == 0
    except OSError:
        return True


def tell_stdout_failed(error: StdoutFailed) -> None:
    """What happened, where somebody is left to read it."""
    if not error.quiet:
        warn(f"asyncsynth: can't write to standard output: {error}")


def streams_fail() -> bool:
    """Whether what waits to be printed can't be."""
    try:
        for stream in (sys.stdout, sys.stderr):
            _write(stream, "")
    except (OSError, ValueError):
        return True
    return False


def tell_system_error(error: OSError) -> None:
    """What nothing nearer to it could put into words; what was answered is on the disk by then."""
    what = f"{error.filename}: " if error.filename else ""
    hint = "the system refuses it: fix that and run again; every answer is kept"
    tell_error(AsyncsynthError(f"can't go on: {what}{error.strerror or error}", hint=hint))


def let_go_of_streams() -> None:
    """Nothing more to a stream that fails: Python would try again at its end, and show a traceback."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def mend_streams() -> None:
    """Whatever is said can be said: no closed stream's place is for a file, no encoding lacks a character."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:  # the next file would get this number, and what a library tells standard error goes into it
            os.open(os.devnull, os.O_RDWR)
    if sys.stderr is None:
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115 - as long as the process lives
    if os.environ.get("COLUMNS") == "0":  # what a container says that has no terminal: nothing at all would be written
        del os.environ["COLUMNS"]
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _write(stream: TextIO | None, text: str) -> None:
    if stream is None:  # it was closed before we began
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    stream.write(text)
    stream.flush()
