"""What the command line prints: results on standard output, errors on standard error, all of it made printable."""

from __future__ import annotations

import os
import sys

from asyncsynth.errors import AsyncsynthError
from asyncsynth.text import printable


class StdoutFailed(OSError):
    """Standard output takes no more: a full disk, say."""


def say(text: str = "") -> None:
    """A line on standard output. Raises BrokenPipeError and StdoutFailed."""
    try:
        sys.stdout.write(f"{printable(text)}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise StdoutFailed(error.errno, error.strerror) from error


def tell_stdout_failed(error: StdoutFailed) -> None:
    """What happened, and nothing more to standard output: Python would try again at its end, and show a traceback."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.stderr.write(f"asyncsynth: can't write to standard output: {error.strerror}\n")


def tell_error(error: AsyncsynthError) -> None:
    """What happened and why, and what to do now."""
    hint = f"\n-> {error.hint}" if error.hint else ""
    sys.stderr.write(f"{printable(f'asyncsynth: {error.message}{hint}')}\n")
