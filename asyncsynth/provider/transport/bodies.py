"""The body of a reply as its bytes come: of a known length, in chunks, or to the end of the connection (RFC 9112, 6).

`take` gives what follows the body, once it is whole, so that no byte beyond it is lost; None until then.
"""

from __future__ import annotations

import re
from typing import Protocol

from asyncsynth.provider.transport.contract import BodyTooLarge, NotHttp

MAX_LINE = 4096  # bytes of a chunk's size with its extensions
MAX_TRAILERS = 2**16
_FIRST_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n")
_NEXT_SIZE = re.compile(rb"\r?\n" + _FIRST_SIZE.pattern)
_TRAILERS = re.compile(rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\n]*\n)*\r?\n")


class Body(Protocol):
    """`whole` is the body, when all of it is there; `max_body` bytes at most, else `take` raises BodyTooLarge."""

    def take(self, data: bytes) -> bytes | None: ...

    @property
    def whole(self) -> bytes: ...


class _Pieces:
    """What came of a body so far."""

    __slots__ = ("_max_body", "_pieces", "_size")

    def __init__(self, max_body: int) -> None:
        self._max_body = max_body
        self._pieces: list[bytes] = []
        self._size = 0

    @property
    def whole(self) -> bytes:
        return self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)

    def _keep(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size > self._max_body:
            raise BodyTooLarge


class Counted(_Pieces):
    """A body with a length."""

    __slots__ = ("_missing",)

    def __init__(self, length: int, max_body: int) -> None:
        self._max_body, self._size, self._missing = max_body, 0, length
        self._pieces: list[bytes] = []
        if length > max_body:
            raise BodyTooLarge

    def take(self, data: bytes) -> bytes | None:
        surplus = b""
        if len(data) > self._missing:
            data, surplus = data[: self._missing], data[self._missing :]
        self._pieces.append(data)
        self._missing -= len(data)
        return None if self._missing else surplus


class Endless(_Pieces):
    """A body that ends with its connection."""

    __slots__ = ()

    def take(self, data: bytes) -> None:
        self._keep(data)


class Chunked(_Pieces):
    """A body in chunks; raises NotHttp where they are none."""

    __slots__ = ("_missing", "_rest", "_size_line")

    def __init__(self, max_body: int) -> None:
        super().__init__(max_body)
        self._missing: int | None = 0  # bytes of the chunk under way; None: only trailers
        self._rest = b""  # of a line, or of trailers
        self._size_line = _FIRST_SIZE

    def take(self, data: bytes) -> bytes | None:
        at = 0
        if self._rest:
            data, self._rest = self._rest + data, b""
        while self._missing is not None:
            if self._missing:
                piece = data[at : at + self._missing]
                self._keep(piece)
                at += len(piece)
                self._missing -= len(piece)
                if self._missing:
                    return None
            line = self._size_line.match(data, at)
            if line is None:
                self._wait(data[at:], after_chunk=self._size_line is _NEXT_SIZE)
                return None
            self._size_line, at = _NEXT_SIZE, line.end()
            self._missing = int(line[1], 16) or None
        trailers = _TRAILERS.match(data, at)
        if trailers is not None:
            return data[trailers.end() :]
        self._rest = data[at:]
        if len(self._rest) > MAX_TRAILERS or b"\n\n" in self._rest or b"\n\r\n" in self._rest:
            raise NotHttp("what follows the last chunk is not a trailer")
        return None

    def _wait(self, rest: bytes, *, after_chunk: bool) -> None:
        """Of a line only the beginning is there, or it is no size."""
        lacks_break = after_chunk and rest[:1] not in (b"", b"\r", b"\n")
        if lacks_break or rest.count(b"\n") > after_chunk or len(rest) > MAX_LINE:
            raise NotHttp("a chunk does not begin with its size")
        self._rest = rest
