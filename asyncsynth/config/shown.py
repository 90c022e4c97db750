"""A value as a message shows it: as TOML has it, in one line, and not longer than a person reads."""

from __future__ import annotations

import json

from asyncsynth.text import printable_line

SHOWN = 60  # characters


def shown(value: object) -> str:
    """`value` as it would be written in a config; strings, numbers and booleans exactly so."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (TypeError, ValueError, RecursionError):
        text = type(value).__name__
    return printable_line(text, SHOWN)
