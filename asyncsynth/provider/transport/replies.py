"""The replies that come on one connection, parsed by aiohttp's own parser (llhttp) without the layers of its client.

This is the only importer of aiohttp, which takes a tenth of a second to load: connection.py asks for it when the first
bytes of a reply are there, and pool.py a moment before, while the first request is on its way.
"""

from __future__ import annotations

import asyncio

from aiohttp import ClientPayloadError, StreamReader
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.http_parser import HttpResponseParser, RawResponseMessage

from asyncsynth.provider.transport.contract import BodyCutOff, BodyTooLarge, HttpReply, NotHttp

PIECE_BYTES = 2**18  # of a body that the parser unpacks at a time


class Replies(BaseProtocol):
    """Bytes in, whole replies out. A body is at most `max_body` bytes, unpacked.

    It is the protocol only that the parser tells when it has unpacked enough at a time; `feed` goes on at once.
    """

    __slots__ = ("_body_size", "_max_body", "_message", "_payload", "_pieces", "_surplus", "closing")

    def __init__(self, loop: asyncio.AbstractEventLoop, max_body: int) -> None:
        super().__init__(loop)
        self._max_body = max_body
        self.closing = False  # no other reply may follow on this connection
        self._begin()

    @property
    def head_is_there(self) -> bool:
        return self._payload is not None

    def feed(self, data: bytes) -> HttpReply | None:
        """The reply that `data` makes whole, if it does. Raises NotHttp, BodyCutOff and BodyTooLarge."""
        try:
            return self._take(data)
        except HttpProcessingError as error:
            raise NotHttp(error.message) from error
        except ClientPayloadError as error:
            raise BodyCutOff(str(error)) from error

    def feed_eof(self) -> HttpReply | None:
        """The reply that the end of the connection makes whole: that is how a body without a length ends."""
        assert self._parser is not None
        try:
            self._parser.feed_eof()
        except HttpProcessingError:  # bytes are missing
            return None
        if self._payload is not None and self._payload.is_eof() and self._message is not None:
            return self._whole(self._message)
        return None

    def pause_reading(self) -> None:
        """The parser's, when it unpacks more than it may at a time."""
        if self._parser is not None:
            self._parser.pause_reading()

    def resume_reading(self, resume_parser: bool = True) -> None:
        """Nothing to do: what was read is taken from the parser in the same step, so the transport never waits."""

    def _begin(self) -> None:
        # A new parser, so that nothing which came too much with the last reply becomes the start of this one.
        self._parser = HttpResponseParser(
            self, self._loop, PIECE_BYTES, payload_exception=ClientPayloadError, read_until_eof=True
        )
        self._message: RawResponseMessage | None = None
        self._payload: StreamReader | None = None
        self._pieces: list[bytes] = []
        self._body_size = 0
        self._surplus = False

    def _take(self, data: bytes) -> HttpReply | None:
        """Feed the parser until it has nothing left to unpack."""
        assert self._parser is not None
        while True:
            messages, upgraded, _ = self._parser.feed_data(data)
            for head in messages:
                self._take_head(*head)
            message, payload = self._message, self._payload
            if message is None or payload is None:
                return None
            if piece := payload.read_nowait():
                self._keep(piece)
            if payload.is_eof():
                self._surplus = self._surplus or upgraded
                return self._whole(message)
            if not piece:
                return None
            data = b""

    def _take_head(self, message: RawResponseMessage, payload: StreamReader) -> None:
        if self._message is not None:
            self._surplus = True  # a second reply to one request
        elif not 100 <= message.code < 200 or message.code == 101:  # the others announce the reply
            self._message, self._payload = message, payload

    def _keep(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._body_size += len(piece)
        if self._body_size > self._max_body:
            raise BodyTooLarge

    def _whole(self, message: RawResponseMessage) -> HttpReply:
        pieces = self._pieces
        body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        self.closing = message.should_close or self._surplus
        self._begin()
        return HttpReply(message.code, message.headers, body)
