"""The display of a run: a bar where a person watches, log lines elsewhere or where they are asked for."""

from __future__ import annotations

import sys
from typing import Literal

from asyncsynth.progress import Bar, Display, Lines
from asyncsynth.provider.secrets import ApiKey


def display_for(log_format: Literal["text", "json"] | None, key: ApiKey | None) -> Display:
    if log_format is None and sys.stderr.isatty():
        return Bar()
    from asyncsynth.logs import configure, logger  # noqa: PLC0415 - not for a person at a terminal

    configure(log_format or "text", key.scrub if key is not None else str)
    return Lines(logger())
