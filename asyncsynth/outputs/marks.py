"""marks.jsonl: what people thought of samples, a line each: {"key": ..., "mark": "pass" or "fail", "note": ...}.

The last line about a key counts; one whose mark is null takes it back. The note may be missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import orjson

from asyncsynth.errors import UsageError
from asyncsynth.regular_file import open_regular

PASS, FAIL = "pass", "fail"
_LIKE = '{"key": "3f0c...", "mark": "fail", "note": "too short"}'


class Mark(NamedTuple):
    """`mark` is pass, fail, or empty where nobody said."""

    mark: str = ""
    note: str = ""


UNMARKED = Mark()


def read_marks(path: Path) -> Mapping[str, Mark]:
    """The marks by key. Raises UsageError with the line that is none."""
    marks: dict[str, Mark] = {}
    try:
        with open_regular(path) as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    key, mark = _mark_of(line, f"{path}, line {number}")
                    marks[key] = mark
    except OSError as error:
        raise UsageError(
            f"{path} can't be read: {error.strerror}", hint="name the file of marks with --marks"
        ) from error
    return marks


def mark_line(key: str, mark: Mark) -> bytes:
    """The line of one mark, with its newline."""
    return orjson.dumps({"key": key, "mark": mark.mark or None, "note": mark.note}, option=orjson.OPT_APPEND_NEWLINE)


def failed(marks: Mapping[str, Mark]) -> list[str]:
    """The keys of samples that are marked as failed."""
    return [key for key, mark in marks.items() if mark.mark == FAIL]


def _mark_of(line: bytes, place: str) -> tuple[str, Mark]:
    try:
        told = orjson.loads(line)
        key, mark, note = told["key"], told["mark"], told.get("note")
    except (ValueError, LookupError, TypeError, AttributeError):
        raise UsageError(f"{place}: this is not a mark", hint=f"like {_LIKE}") from None
    if not isinstance(key, str) or mark not in (PASS, FAIL, None) or not isinstance(note, str | None):
        raise UsageError(f'{place}: a mark is "pass" or "fail", of a key that is a text', hint=f"like {_LIKE}")
    return key, Mark(mark or "", note or "")
