"""A server that loses step: it echoes each prompt in its answer, and now and then sends what belongs to no request.

Each way of losing step is a function that answers one request wrongly, on a connection whose replies it knows. The
server has a thread and an event loop of its own, so that its bytes come while the client is busy.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from tests.patience import LONGEST_S

MOST = 12  # requests that are answered wrongly: each may cost all calls under way
MODEL_S = 0.001  # which an answer takes
LATER_S = 0.004
UNREAD_S = 0.1  # a body is left that long
STALL_S = 3 * LATER_S
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
PAGE = b"<html><title>Oops</title></html>"
_LENGTH = re.compile(rb"content-length: *([0-9]+)", re.IGNORECASE)

Ids = Literal["long", "short", "none", "constant"]


def echo(prompt: str) -> str:
    return f"ECHO {prompt[:60]}"


def plain(body: bytes, *head: str, status: int = 200, length: int | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body) if length is None else length}", *head, "", ""]
    return "\r\n".join(lines).encode() + body


def chunked(body: bytes) -> bytes:
    pieces = (body[: len(body) // 2], body[len(body) // 2 :], b"")
    return b"HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(
        b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces
    )


@dataclass
class Server:
    """What all connections of a running server share.

    One request in `every` is answered wrongly, or else the next on a connection where that is possible; MOST in all.
    """

    way: Way
    every: int
    port: int = 0
    answers: int = 0
    wrongs: int = 0
    right: int = 0  # requests since the last one that was answered wrongly
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    connections: set[Served] = field(default_factory=set)

    def answer(self, prompt: str) -> bytes:
        """The body of the answer to this prompt."""
        self.answers += 1
        number = self.answers
        ids = {"long": f"chatcmpl-{number:032x}", "short": f"chatcmpl-{number}", "constant": "chatcmpl-" + "0" * 32}
        tree = {
            "model": "m",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": echo(prompt)}}],
            "usage": {"prompt_tokens": 10, "completion_tokens": 10},
        }
        return json.dumps(tree if self.way.ids == "none" else {"id": ids[self.way.ids], **tree}).encode()

    def is_time(self, replies: int) -> bool:
        """Whether the request that has just come, on a connection with so many replies, is to be answered wrongly."""
        self.right += 1
        if self.right < self.every or self.wrongs == MOST or replies < self.way.needs:
            return False
        self.wrongs += 1
        self.right = 0
        return True

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served = Served(self, reader, writer)
        self.connections.add(served)
        try:
            while not writer.is_closing():
                await served.next()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.connections.discard(served)
            writer.close()


@dataclass(eq=False)
class Served:
    """One connection; `replies` are those sent on it so far."""

    server: Server
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    replies: list[bytes] = field(default_factory=list)

    async def next(self) -> None:
        server = self.server
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        assert length is not None
        is_wrong = server.is_time(len(self.replies))
        if is_wrong and server.way.before_body is not None:
            await server.way.before_body(self)
            await asyncio.sleep(UNREAD_S)
        raw = await self.reader.readexactly(int(length[1]))
        prompt = json.loads(raw)["messages"][-1]["content"]
        await asyncio.sleep(MODEL_S)
        reply = plain(server.answer(prompt))
        if is_wrong and server.way.answer is not None:
            await server.way.answer(self, reply)
        else:
            self.write(reply)
        self.replies.append(reply)

    @property
    def strangers(self) -> bytes:
        """The reply to somebody else's request, never seen here."""
        return plain(self.server.answer("a prompt of somebody else"))

    def write(self, data: bytes) -> None:
        if not self.writer.is_closing():
            self.writer.write(data)

    def later(self, data: bytes, after_s: float = LATER_S) -> None:
        asyncio.get_running_loop().call_later(after_s, self.write, data)

    async def write_slowly(self, data: bytes, size: int) -> None:
        for start in range(0, len(data), size):
            self.write(data[start : start + size])
            await asyncio.sleep(0.0005)


@dataclass(frozen=True)
class Way:
    """How one request is answered wrongly; `needs` replies before it on the connection.

    `before_body` acts when the request's head was read and its body was not.
    """

    answer: Callable[[Served, bytes], Awaitable[None]] | None = None
    before_body: Callable[[Served], Awaitable[None]] | None = None
    ids: Ids = "long"
    needs: int = 0
    large_requests: bool = False
    timeout_s: float = 10.0
    client_stalls: bool = False  # after each answer, so that what comes later is in the socket and not read


async def copy_later(served: Served, reply: bytes) -> None:
    served.write(reply)
    served.later(reply)


async def two_copies_later(served: Served, reply: bytes) -> None:
    served.write(reply)
    served.later(reply)
    served.later(reply, 3 * LATER_S)


async def copy_in_the_same_packet(served: Served, reply: bytes) -> None:
    served.write(reply + reply)


async def copy_in_the_next_packet(served: Served, reply: bytes) -> None:
    served.write(reply)
    await served.writer.drain()
    await asyncio.sleep(0)
    served.write(reply)


async def half_a_copy(served: Served, reply: bytes) -> None:
    served.write(reply + reply[: len(reply) // 2])


async def beginning_of_a_copy(served: Served, reply: bytes) -> None:
    served.write(reply + reply[:20])


async def half_a_copy_and_the_rest_later(served: Served, reply: bytes) -> None:
    half = len(reply) // 2
    served.write(reply + reply[:half])
    served.later(reply[half:])


async def halves_of_a_copy_later(served: Served, reply: bytes) -> None:
    half = len(reply) // 2
    served.write(reply)
    served.later(reply[:half])
    served.later(reply[half:], 2 * LATER_S)


async def copy_over_many_packets(served: Served, reply: bytes) -> None:
    served.write(reply)
    await served.write_slowly(reply, 40)


async def copy_behind_a_100(served: Served, reply: bytes) -> None:
    served.write(reply)
    served.later(CONTINUE + reply)


async def unasked_100(served: Served, reply: bytes) -> None:
    served.write(CONTINUE + reply + CONTINUE)


async def older_reply_first(served: Served, reply: bytes) -> None:
    served.write(served.replies[-1] + reply)


async def strangers_reply_first(served: Served, reply: bytes) -> None:
    served.write(served.strangers + reply)


async def strangers_reply_behind(served: Served, reply: bytes) -> None:
    served.write(reply + served.strangers)


async def half_a_strangers_reply_behind(served: Served, reply: bytes) -> None:
    half = len(reply) // 2
    served.write(reply + served.strangers[:half])
    served.later(served.strangers[half:])


async def strangers_reply_in_chunks_first(served: Served, reply: bytes) -> None:
    served.write(chunked(_body(served.strangers)) + reply)


async def strangers_reply_before_the_body(served: Served) -> None:
    served.write(served.strangers)


async def older_reply_first_in_a_packet_of_its_own(served: Served, reply: bytes) -> None:
    served.write(served.replies[-1])
    await asyncio.sleep(LATER_S)
    served.write(reply)


async def much_older_reply_first(served: Served, reply: bytes) -> None:
    served.write(served.replies[0])
    await asyncio.sleep(LATER_S)
    served.write(reply)


async def half_an_older_reply_first(served: Served, reply: bytes) -> None:
    served.write(served.replies[-1][:-30])
    await asyncio.sleep(LATER_S)
    served.write(reply)


async def rest_of_an_older_reply_first(served: Served, reply: bytes) -> None:
    served.write(served.replies[-1][-30:])
    await asyncio.sleep(LATER_S)
    served.write(reply)


async def older_reply_before_the_body(served: Served) -> None:
    served.write(served.replies[-1])


async def older_error_before_the_body(served: Served) -> None:
    served.write(plain(b'{"error":{"message":"too large"}}', status=413))


async def older_reply_instead(served: Served, reply: bytes) -> None:
    served.write(served.replies[-1])
    served.later(reply, 5 * LATER_S)


async def chunks_and_a_tail(served: Served, reply: bytes) -> None:
    served.write(chunked(_body(reply)) + b"tail")


async def chunks_and_a_copy(served: Served, reply: bytes) -> None:
    served.write(chunked(_body(reply)) + chunked(_body(reply)))


async def chunks_and_half_a_copy(served: Served, reply: bytes) -> None:
    again = chunked(_body(reply))
    served.write(again + again[:30])
    served.later(again[30:])


async def chunks_without_an_end(served: Served, reply: bytes) -> None:
    served.write(chunked(_body(reply))[:-5])
    await asyncio.sleep(LATER_S)
    served.write(reply)


async def length_too_short(served: Served, reply: bytes) -> None:
    body = _body(reply)
    served.write(plain(body, length=len(body) - 20))


async def length_too_long(served: Served, reply: bytes) -> None:
    body = _body(reply)
    served.write(plain(body, length=len(body) + 20))


async def length_too_long_and_a_copy(served: Served, reply: bytes) -> None:
    body = _body(reply)
    served.write(plain(body, length=len(body) + 20))
    served.later(reply)


async def length_without_a_body(served: Served, reply: bytes) -> None:
    served.write(reply[: -len(_body(reply))])
    served.later(reply)


async def no_content_with_a_body(served: Served, reply: bytes) -> None:
    served.write(plain(_body(reply), status=204))


async def not_modified_with_a_body(served: Served, reply: bytes) -> None:
    served.write(plain(b"", status=304))
    served.later(_body(reply))


async def not_modified_and_the_answer(served: Served, reply: bytes) -> None:
    served.write(plain(b"", status=304))
    served.later(reply)


async def error_and_the_answer(served: Served, reply: bytes) -> None:
    served.write(plain(PAGE, status=500))
    served.later(reply)


async def error_longer_than_announced(served: Served, reply: bytes) -> None:
    del reply
    served.write(plain(PAGE, status=500, length=10))


async def garbage(served: Served, reply: bytes) -> None:
    served.write(reply + b"\x00\xffgarbage\r\n\r\n")


async def garbage_later(served: Served, reply: bytes) -> None:
    served.write(reply)
    served.later(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")


async def blank_lines(served: Served, reply: bytes) -> None:
    served.write(b"\r\n" + reply + b"\r\n\r\n")


async def end_said_and_a_copy(served: Served, reply: bytes) -> None:
    body = _body(reply)
    served.write(plain(body, "Connection: close") + reply)


async def reply_to_the_end_of_the_connection(served: Served, reply: bytes) -> None:
    older = b"HTTP/1.1 200 X\r\n\r\n" + _body(served.replies[-1])
    served.write(older + reply)
    await served.writer.drain()
    served.writer.close()


async def old_http_and_a_copy(served: Served, reply: bytes) -> None:
    old = plain(_body(reply), "Connection: keep-alive").replace(b"HTTP/1.1", b"HTTP/1.0", 1)
    served.write(old)
    served.later(old)


async def packed_and_a_copy(served: Served, reply: bytes) -> None:
    packed = plain(gzip.compress(_body(reply)), "Content-Encoding: gzip")
    served.write(packed + packed[: len(packed) // 2])
    served.later(packed[len(packed) // 2 :])


async def switching(served: Served, reply: bytes) -> None:
    served.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")
    served.later(reply)


async def farewell(served: Served, reply: bytes) -> None:
    """As haproxy's, which may cross with the next request."""
    served.write(reply)
    await served.writer.drain()
    await asyncio.sleep(LATER_S / 40)
    served.write(plain(PAGE, "Connection: close", status=408))
    served.writer.close()


async def end_without_a_word(served: Served, reply: bytes) -> None:
    served.write(reply)
    await served.writer.drain()
    await asyncio.sleep(LATER_S / 40)
    served.writer.close()


WAYS: dict[str, Way] = {
    **{f"copy later, {ids} ids": Way(copy_later, ids=ids) for ids in ("long", "short", "none", "constant")},
    "copy in the socket": Way(copy_later, ids="none", client_stalls=True),
    "halves of a copy in the socket": Way(halves_of_a_copy_later, ids="none", client_stalls=True),
    "end in the socket": Way(end_without_a_word, ids="none", client_stalls=True),
    "two copies later": Way(two_copies_later),
    "copy in the same packet": Way(copy_in_the_same_packet, ids="none"),
    "copy in the next packet": Way(copy_in_the_next_packet, ids="none"),
    "half a copy": Way(half_a_copy, ids="none"),
    "beginning of a copy": Way(beginning_of_a_copy, ids="none"),
    "half a copy and the rest later": Way(half_a_copy_and_the_rest_later, ids="none"),
    "halves of a copy later": Way(halves_of_a_copy_later, ids="none"),
    "copy over many packets": Way(copy_over_many_packets, ids="none"),
    "copy behind a 100": Way(copy_behind_a_100, ids="none"),
    "unasked 100": Way(unasked_100, ids="none"),
    **{f"older reply first, {ids} ids": Way(older_reply_first, ids=ids, needs=1) for ids in ("long", "none")},
    **{
        f"older reply first in a packet of its own, {ids} ids": Way(
            older_reply_first_in_a_packet_of_its_own, ids=ids, needs=1
        )
        for ids in ("long", "short", "none", "constant")
    },
    "stranger's reply first": Way(strangers_reply_first),
    "stranger's reply behind": Way(strangers_reply_behind),
    "half a stranger's reply behind": Way(half_a_strangers_reply_behind),
    "stranger's reply in chunks first": Way(strangers_reply_in_chunks_first),
    "stranger's reply before the body": Way(before_body=strangers_reply_before_the_body, large_requests=True),
    "much older reply first": Way(much_older_reply_first, ids="short", needs=2),
    "half an older reply first": Way(half_an_older_reply_first, needs=1),
    "rest of an older reply first": Way(rest_of_an_older_reply_first, needs=1),
    "older reply before the body": Way(before_body=older_reply_before_the_body, needs=1, large_requests=True),
    "older error before the body": Way(before_body=older_error_before_the_body, needs=1, large_requests=True),
    "older reply instead": Way(older_reply_instead, ids="none", needs=1),
    "chunks and a tail": Way(chunks_and_a_tail, ids="none"),
    "chunks and a copy": Way(chunks_and_a_copy, ids="none"),
    "chunks and half a copy": Way(chunks_and_half_a_copy, ids="none"),
    "chunks without an end": Way(chunks_without_an_end, ids="none"),
    "length too short": Way(length_too_short, ids="none"),
    "length too long": Way(length_too_long, ids="none", timeout_s=0.25),
    "length too long and a copy": Way(length_too_long_and_a_copy, ids="none"),
    "length without a body": Way(length_without_a_body, ids="none"),
    "204 with a body": Way(no_content_with_a_body, ids="none"),
    "304 with a body": Way(not_modified_with_a_body, ids="none"),
    "304 and the answer": Way(not_modified_and_the_answer, ids="none"),
    "error and the answer": Way(error_and_the_answer, ids="none"),
    "error longer than announced": Way(error_longer_than_announced, ids="none"),
    "garbage": Way(garbage, ids="none"),
    "garbage later": Way(garbage_later, ids="none"),
    "blank lines": Way(blank_lines, ids="none"),
    "end said and a copy": Way(end_said_and_a_copy, ids="none"),
    "reply to the end of the connection": Way(reply_to_the_end_of_the_connection, ids="none", needs=1),
    "old HTTP and a copy": Way(old_http_and_a_copy, ids="none"),
    "packed and a copy": Way(packed_and_a_copy, ids="none"),
    "another protocol": Way(switching, ids="none"),
    "farewell": Way(farewell, ids="none"),
    "end without a word": Way(end_without_a_word, ids="none"),
}
# Nothing of these is taken for an answer.
HARMLESS = ("blank lines", "farewell", "end without a word", "end in the socket")
OVER_TLS = (
    "copy later, none ids",
    "copy in the same packet",
    "copy in the next packet",
    "half a copy and the rest later",
    "older reply first in a packet of its own, short ids",
    "chunks and half a copy",
    "farewell",
    "end without a word",
)


@contextmanager
def desynchronised(way: Way, every: int, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A running server, in a thread of its own."""
    server = Server(way, every)

    async def serve() -> None:
        listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**16)  # so that a body that is not read stays away
        listening = await asyncio.start_server(server.handle, sock=listener, ssl=tls)
        server.port = listening.sockets[0].getsockname()[1]
        ready.set()
        async with listening:
            await stop.wait()
            for served in tuple(server.connections):
                served.writer.transport.abort()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: server.loop) as runner:
            runner.run(serve())

    ready, stop = threading.Event(), asyncio.Event()
    thread = threading.Thread(target=run, name="desynchronised")
    thread.start()
    assert ready.wait(LONGEST_S)
    try:
        yield server
    finally:
        server.loop.call_soon_threadsafe(stop.set)
        thread.join(LONGEST_S)
        assert not thread.is_alive()


def _body(reply: bytes) -> bytes:
    return reply.split(b"\r\n\r\n", 1)[1]
