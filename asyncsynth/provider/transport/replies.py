"""The replies that come on one connection, told apart to the byte: a byte beyond a reply belongs to no request.

Heads are parsed by aiohttp's own parser (llhttp), without the layers of its client. This is the only importer of
aiohttp, which takes a tenth of a second to load: connection.py asks for it when the first bytes of a reply are there,
and pool.py a moment before, while the first request is on its way.
"""

from __future__ import annotations

import asyncio
import re

from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.http_parser import HttpResponseParser, RawResponseMessage

from asyncsynth.provider.transport.bodies import Body, Chunked, Counted, Endless
from asyncsynth.provider.transport.contract import BodyCutOff, Distrusted, HttpReply, NotHttp, UnknownPacking
from asyncsynth.provider.transport.farewell import is_farewell
from asyncsynth.provider.transport.packing import unpacked

MAX_HEAD_BYTES = 2**16
MAX_HEADERS = 1000
_BEGINNING = b"HTTP/"
_END_OF_HEAD = re.compile(rb"\n\r?\n")
_SWITCHING = 101
_WITHOUT_BODY = (_SWITCHING, 204, 304)


class Replies:
    """Bytes in, whole replies out. A body is at most `max_body` bytes, unpacked."""

    __slots__ = ("_begun", "_body", "_heads", "_max_body", "_message", "closing", "is_first")

    def __init__(self, loop: asyncio.AbstractEventLoop, max_body: int) -> None:
        # It gets one whole head at a time and is told that no body follows, so nothing is ever left in it.
        self._heads = HttpResponseParser(
            BaseProtocol(loop),
            loop,
            MAX_HEAD_BYTES,
            max_line_size=MAX_HEAD_BYTES,
            max_field_size=MAX_HEAD_BYTES,
            max_headers=MAX_HEADERS,
            response_with_body=False,
            auto_decompress=False,
        )
        self._max_body = max_body
        self._begun = b""  # of a head
        self._message: RawResponseMessage | None = None
        self._body: Body | None = None
        self.is_first = True  # the reply that is awaited is the first on this connection
        self.closing = False  # no other reply may follow on this connection

    @property
    def head_is_there(self) -> bool:
        return self._message is not None

    def feed(self, data: bytes) -> HttpReply | None:
        """The reply that `data` makes whole, if it does.

        Raises Distrusted where more came than one reply, or on a used connection something that is none; NotHttp,
        BodyTooLarge, and what packing.unpacked raises.
        """
        while self._body is None:
            rest = self._take_head(data)
            if rest is None:
                return None
            data = rest
        surplus = self._body.take(data)
        if surplus is None:
            return None
        if surplus and surplus.strip(b"\r\n") and not is_farewell(surplus):
            raise Distrusted("more came than one reply")
        return self._whole(self._body, closing=bool(surplus))

    def feed_eof(self) -> HttpReply | None:
        """The reply that the end of the connection makes whole: that is how a body without a length ends."""
        if not isinstance(self._body, Endless):
            return None
        if not self.is_first:
            raise Distrusted("a reply without a length came on a connection that was used before")
        return self._whole(self._body, closing=True)

    def _take_head(self, data: bytes) -> bytes | None:
        """What follows the head; None where the head is not whole."""
        searched = 0
        if self._begun:
            searched, data = max(0, len(self._begun) - 2), self._begun + data
        else:
            data = data.lstrip(b"\r\n")
        if not data.startswith(_BEGINNING) and not _BEGINNING.startswith(data):
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
        try:
            messages, _, _ = self._heads.feed_data(head)
        except HttpProcessingError as error:
            raise self._no_reply(error.message) from error
        if len(messages) != 1:
            raise self._no_reply("its head has no end")
        message: RawResponseMessage = messages[0][0]
        if 100 <= message.code < 200 and message.code != _SWITCHING:
            return  # it announces the reply
        self._message = message
        if message.code in _WITHOUT_BODY:
            self._body = Counted(0, 0)
        elif message.chunked:
            self._body = Chunked(self._max_body)
        elif (length := message.headers.get("Content-Length")) is not None:
            self._body = Counted(int(length), self._max_body)
        else:
            self._body = Endless(self._max_body)

    def _whole(self, body: Body, *, closing: bool) -> HttpReply:
        message = self._message
        assert message is not None
        whole = body.whole
        if (packing := message.headers.get("Content-Encoding")) is not None:
            whole = self._unpacked(message, whole, packing)
        reply = HttpReply(message.code, message.headers, whole, self.is_first)
        self.closing = closing or message.should_close or message.code == _SWITCHING
        self.is_first = False
        self._message = self._body = None
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
        return NotHttp(why) if self.is_first else Distrusted(f"what came is not a reply: {why}")
