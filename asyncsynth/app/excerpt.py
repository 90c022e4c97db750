"""A page of the lines of a view, from a byte offset on, without holding the file open in between."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct

from asyncsynth.app.where import Holds, check_axis, holds
from asyncsynth.errors import UsageError
from asyncsynth.store.contents import open_source
from asyncsynth.store.encoding import decode
from asyncsynth.store.files import OsFiles, doing
from asyncsynth.store.scan import Source, read_lines

LOOKED_THROUGH = 8 << 20  # bytes of a file for one page, at most but for its last line
View = Literal["records", "failures"]


class Excerpt(Struct, frozen=True):
    """Members of the file's lines; the next page is `after` this offset, None at the end of the file as it is now."""

    lines: Sequence[dict[str, Any]]
    after: int | None


def excerpt(
    directory: Path, view: View, *, after: int = 0, limit: int = 50, where: Sequence[tuple[str, str]] = ()
) -> Excerpt:
    """At most so many lines with these values (of an axis, or axis.field), behind the offset `after`.

    Where lines with these values are rare, a page may have few or none, and all the same not be the last one.
    Raises UsageError where no line begins at that offset, or no sample has such an axis; StoreWriteFailed.
    """
    files = OsFiles()
    with contextlib.ExitStack() as stack:
        source = open_source(stack, files, directory / f"{view}.jsonl")
        if source is None:
            return Excerpt([], None)
        with doing("read", source.path):
            size = files.size(source.fd)
            if after > size or (after and files.read(source.fd, 1, after - 1) != b"\n"):
                raise UsageError(
                    f"no line of {view} begins at {after}", hint="they may have been made again: start at 0"
                )
            return _page(_lines(files, source, after, size), after, limit, where)


def _page(
    lines: Iterator[tuple[int, dict[str, Any] | None]], after: int, limit: int, where: Sequence[tuple[str, str]]
) -> Excerpt:
    wanted: list[Holds] = [holds(each) for each in where]
    found: list[dict[str, Any]] = []
    for end, line in lines:
        if line is not None and isinstance(line.get("combination"), dict):
            for axis, value in where:
                check_axis(f"{axis}:{value}", axis, line["combination"])
            if all(condition(line) for condition in wanted):
                found.append(line)
        if len(found) >= limit or end - after >= LOOKED_THROUGH:
            return Excerpt(found, end)
    return Excerpt(found, None)


def _lines(files: OsFiles, source: Source, start: int, size: int) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """(offset behind it, what is in it) of every whole line within these bytes."""
    for place, line in read_lines(files, source.fd, start):
        if place + len(line) >= size:
            return
        yield place + len(line) + 1, decode(line)
