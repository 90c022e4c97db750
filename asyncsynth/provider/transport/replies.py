"""The replies that come on one connection, told apart to the byte: a byte beyond a reply belongs to no request.

Heads and chunks are parsed by aiohttp's own parser (llhttp), without the layers of its client. This is the only
importer of aiohttp, which takes a tenth of a second to load: connection.py asks for it when the first bytes of a reply
are there, and pool.py a moment before, while the first request is on its way.
"""

from __future__ import annotations

import asyncio
import re

from aiohttp import StreamReader
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.http_parser import HttpResponseParser, RawResponseMessage

from asyncsynth.provider.transport.contract import (
    BodyCutOff,
    BodyTooLarge,
    Distrusted,
    HttpReply,
    NotHttp,
    UnknownPacking,
)
from asyncsynth.provider.transport.farewell import STATUS as FAREWELL
from asyncsynth.provider.transport.farewell import is_farewell
from asyncsynth.provider.transport.packing import unpacked

MAX_HEAD_BYTES = 2**16
MAX_HEADERS = 1000
_PIECE_BYTES = 2**18  # after which the parser would pause; what it has is taken after each feed
_BEGINNING = b"HTTP/"
_END_OF_HEAD = re.compile(rb"\n\r?\n")
_ENDS_OF_CHUNKS = (b"\n\r\n", b"\n\n")
_SWITCHING = 101
_WITHOUT_BODY = (_SWITCHING, 204, 304)


class Replies(BaseProtocol):
    """Bytes in, whole replies out. A body is at most `max_body` bytes, unpacked.

    It is a protocol only because the parser wants one to tell when it pauses; `feed` goes on at once.
    """

    __slots__ = (
        "_begun",
        "_chunks",
        "_last_bytes",
        "_max_body",
        "_message",
        "_missing",
        "_pieces",
        "_size",
        "closing",
        "is_first",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop, max_body: int) -> None:
        super().__init__(loop)
        self._max_body = max_body
        self.is_first = True  # the reply that is awaited is the first on this connection
        self.closing = False  # no other reply may follow on this connection
        self._begin()

    @property
    def head_is_there(self) -> bool:
        return self._message is not None

    def feed(self, data: bytes) -> HttpReply | None:
        """The reply that `data` makes whole, if it does.

        Raises Distrusted where more came than one reply, or on a used connection something that is none; NotHttp;
        and what packing.unpacked raises.
        """
        rest: bytes | None = data
        while self._message is None:
            rest = self._take_head(rest or b"")
            if rest is None:
                return None
        return self._take_body(self._message, rest or b"")

    def feed_eof(self) -> HttpReply | None:
        """The reply that the end of the connection makes whole: that is how a body without a length ends."""
        if self._message is None or self._missing is not None or self._chunks is not None:
            return None
        if not self.is_first:
            raise Distrusted("a reply without a length came on a connection that was used before")
        return self._whole(self._message)

    def pause_reading(self) -> None:
        """The parser's, when it holds much; nothing is lost, because it is fed until it holds nothing."""
        if self._parser is not None:
            self._parser.pause_reading()

    def resume_reading(self, resume_parser: bool = True) -> None:
        """The same."""

    def _begin(self) -> None:
        self._begun = b""  # of a head
        self._message: RawResponseMessage | None = None
        self._missing: int | None = None  # bytes of a body with a length
        self._chunks: StreamReader | None = None  # where the parser puts a body in chunks
        self._last_bytes = b""  # of a body in chunks
        self._pieces: list[bytes] = []
        self._size = 0

    def _take_head(self, data: bytes) -> bytes | None:
        """What follows the head; None where the head is not whole."""
        searched = max(0, len(self._begun) - 2)
        data = self._begun + data if self._begun else data.lstrip(b"\r\n")
        if not data.startswith(_BEGINNING[: len(data)]):
            raise self._no_reply(f"it begins with {data[:16]!r}")
        found = _END_OF_HEAD.search(data, searched)
        end = len(data) if found is None else found.end()
        if end > MAX_HEAD_BYTES:
            raise NotHttp(f"its head is longer than {MAX_HEAD_BYTES // 1024} KB")
        if found is None:
            self._begun = data
            return None
        self._begun = b""
        self._read_head(data[:end])
        return data[end:]

    def _read_head(self, head: bytes) -> None:
        # A new parser for each reply, because a used one does not say whether anything is left in it.
        self._parser = HttpResponseParser(
            self,
            self._loop,
            _PIECE_BYTES,
            max_line_size=MAX_HEAD_BYTES,
            max_field_size=MAX_HEAD_BYTES,
            max_headers=MAX_HEADERS,
            read_until_eof=True,
            auto_decompress=False,
        )
        try:
            [(message, payload)], _, _ = self._parser.feed_data(head)
        except (HttpProcessingError, ValueError) as error:
            raise self._no_reply(getattr(error, "message", "its head has no end")) from error
        if 100 <= message.code < 200 and message.code != _SWITCHING:
            return  # it announces the reply
        self._message = message
        if message.code in _WITHOUT_BODY:
            self._missing = 0
        elif message.chunked:
            self._chunks = payload
        elif (length := message.headers.get("Content-Length")) is not None:
            self._missing = int(length)
            if self._missing > self._max_body:
                raise BodyTooLarge

    def _take_body(self, message: RawResponseMessage, data: bytes) -> HttpReply | None:
        if self._chunks is not None:
            return self._whole(message) if self._parse(self._chunks, data) else None
        if self._missing is None:
            self._keep(data)
            return None
        surplus = b""
        if len(data) > self._missing:
            data, surplus = data[: self._missing], data[self._missing :]
        self._keep(data)
        self._missing -= len(data)
        if self._missing:
            return None
        if surplus.strip(b"\r\n") and not is_farewell(surplus):
            raise Distrusted("more came than one reply")
        return self._whole(message, closing=bool(surplus))

    def _parse(self, chunks: StreamReader, data: bytes) -> bool:
        """Feed the parser until it has nothing left; whether the body is whole."""
        assert self._parser is not None
        self._last_bytes = (self._last_bytes + data)[-3:]
        while True:
            try:
                more_replies, _, _ = self._parser.feed_data(data)
            except HttpProcessingError as error:
                if chunks.is_eof():
                    raise Distrusted("more came than one reply") from error
                raise NotHttp(error.message) from error
            if any(more.code != FAREWELL for more, _ in more_replies):
                raise Distrusted("more came than one reply")
            piece = chunks.read_nowait()
            self._keep(piece)
            if chunks.is_eof():
                # The beginning of another head is no error to the parser, and no end of chunks.
                if not self._last_bytes.endswith(_ENDS_OF_CHUNKS):
                    raise Distrusted("more came than one reply")
                return True
            if not piece:
                return False
            data = b""

    def _keep(self, piece: bytes) -> None:
        if piece:
            self._pieces.append(piece)
            self._size += len(piece)
            if self._size > self._max_body:
                raise BodyTooLarge

    def _whole(self, message: RawResponseMessage, *, closing: bool = False) -> HttpReply:
        body = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        if (packing := message.headers.get("Content-Encoding")) is not None:
            body = self._unpacked(message, body, packing)
        reply = HttpReply(message.code, message.headers, body, self.is_first)
        self.closing = closing or message.should_close or message.code == _SWITCHING
        self.is_first = False
        self._begin()
        return reply

    def _unpacked(self, message: RawResponseMessage, body: bytes, packing: str) -> bytes:
        try:
            return unpacked(body, packing, self._max_body)
        except (UnknownPacking, BodyCutOff):
            if 200 <= message.code < 300:
                raise
            return b""  # of an error the status says enough

    def _no_reply(self, why: str) -> NotHttp | Distrusted:
        """What came in the place of a reply; on a used connection it may be the rest of something else."""
        return NotHttp(why) if self.is_first else Distrusted(f"what came is no reply: {why}")
