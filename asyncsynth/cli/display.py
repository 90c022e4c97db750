"""The display of a run: a bar where a person watches, log lines elsewhere or where they are asked for."""

from __future__ import annotations

import sys
from functools import partial
from typing import Literal

from asyncsynth.cli.logs import logger
from asyncsynth.cli.progress import Bar, Display, Lines
from asyncsynth.provider.keys import ApiKey


def display_for(log_format: Literal["text", "json"] | None, key: ApiKey | None) -> Display:
    if log_format is None and sys.stderr.isatty():
        return Bar()
    return Lines(partial(logger, log_format or "text", key.scrub if key is not None else str))
