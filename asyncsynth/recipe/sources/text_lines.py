"""A file of which every line is a text; blank lines are none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO

from asyncsynth.recipe.sources.formats import Scanned


class TextLines:
    """See Format."""

    columns: tuple[str, ...] | None = None

    @property
    def shapes(self) -> int:
        return 1

    def scan(self, file: BinaryIO) -> Iterator[Scanned]:
        for number, raw in enumerate(file, 1):
            try:
                text = _text(raw)
            except UnicodeDecodeError as error:
                yield number, raw, None, not_utf8(error)
            else:
                yield number, raw, text if text.strip() else None, None

    def value(self, row: str) -> str:
        return row

    def decode(self, rows: Iterable[bytes], /) -> Iterator[str]:
        return map(_text, rows)

    def texts(self, rows: Iterable[bytes], column: str) -> None:
        del rows, column

    def types(self) -> None:
        return None


def not_utf8(error: UnicodeDecodeError) -> str:
    """What to tell of bytes that are no UTF-8."""
    return f"is not UTF-8 (0x{error.object[error.start]:02x} is its byte {error.start + 1:,}); save it as UTF-8"


def _text(raw: bytes) -> str:
    return raw.decode().rstrip("\r\n")
