"""What the command line prints: results on standard output, errors on standard error, all of it made printable."""

from __future__ import annotations

import sys

from asyncsynth.errors import AsyncsynthError
from asyncsynth.terminal import printable


def say(text: str = "") -> None:
    sys.stdout.write(f"{printable(text)}\n")
    sys.stdout.flush()


def tell_error(error: AsyncsynthError) -> None:
    """What happened and why, and what to do now."""
    hint = f"\n-> {error.hint}" if error.hint else ""
    sys.stderr.write(f"{printable(f'asyncsynth: {error.message}{hint}')}\n")


def count(number: int, noun: str) -> str:
    """1 sample, 2 samples, 12,345 samples."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
