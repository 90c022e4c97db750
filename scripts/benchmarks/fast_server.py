#!/usr/bin/env python3
"""Answers every POST at once with one fixed chat completion, over the raw protocol, as cheaply as Python can.

Prints its port, and serves until its standard input closes. GET tells, as JSON, how many POSTs there were and when the
first and the last came (time.monotonic()); GET /reset forgets them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import ssl
import sys
import time
from typing import cast

CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
SENTENCE = "A quiet town finds a light that never goes out and must decide who may keep it. "
BACKLOG = 4096


class Arrivals:
    """What came in since the last reset."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.count = 0
        self.first_at: float | None = None
        self.last_at: float | None = None

    def note(self) -> None:
        self.last_at = time.monotonic()
        if self.first_at is None:
            self.first_at = self.last_at
        self.count += 1


class Connection(asyncio.Protocol):
    """One keep-alive connection."""

    def __init__(self, answer: bytes, arrivals: Arrivals) -> None:
        self._answer = answer
        self._arrivals = arrivals
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass of it

    def data_received(self, data: bytes) -> None:
        data = self._rest + data
        while (head_end := data.find(b"\r\n\r\n")) >= 0:
            length = CONTENT_LENGTH.search(data, 0, head_end + 2)
            end = head_end + 4 + (int(length[1]) if length else 0)
            if len(data) < end:
                break
            self._reply(data)
            data = data[end:]
        self._rest = data

    def _reply(self, request: bytes) -> None:
        if request.startswith(b"GET"):
            told = json.dumps(vars(self._arrivals)).encode()
            if request.startswith(b"GET /reset"):
                self._arrivals.reset()
            self._transport.write(response(told))
        else:
            self._arrivals.note()
            self._transport.write(self._answer)


def response(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


def completion(text_bytes: int) -> bytes:
    """The body of a chat completion of about so many bytes."""
    text = SENTENCE * max(1, text_bytes // len(SENTENCE))
    usage = {"prompt_tokens": 57, "completion_tokens": len(text) // 4, "total_tokens": 57 + len(text) // 4}
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    head = {"id": "chatcmpl-bench", "object": "chat.completion", "created": 1700000000, "model": "bench"}
    return json.dumps({**head, "choices": [choice], "usage": usage}).encode()


async def serve(text_bytes: int, context: ssl.SSLContext | None) -> None:
    answer, arrivals = response(completion(text_bytes)), Arrivals()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Connection(answer, arrivals), "127.0.0.1", 0, backlog=BACKLOG, ssl=context
    )
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)


def tls_context(chain: str, key: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    return context


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--text-bytes", type=int, default=640)
    options.add_argument("--tls", nargs=2, metavar=("CERTIFICATE", "KEY"), help="PEM files")
    options.add_argument("--print-body", action="store_true", help="print the body and serve nothing")
    arguments = options.parse_args()
    if arguments.print_body:
        sys.stdout.buffer.write(completion(arguments.text_bytes))
        return
    import uvloop  # noqa: PLC0415 - the body can be printed without it

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(arguments.text_bytes, tls_context(*arguments.tls) if arguments.tls else None))


if __name__ == "__main__":
    main()
