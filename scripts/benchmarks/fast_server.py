#!/usr/bin/env python3
"""Answers every POST at once with one fixed answer of an API, over the raw protocol, as cheaply as Python can.

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
from collections.abc import Callable
from typing import Any, cast

CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
SENTENCE = "A quiet town finds a light that never goes out and must decide who may keep it. "
BACKLOG = 4096
Tree = dict[str, Any]


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


def body_of(api: str, text_bytes: int) -> bytes:
    """An answer whose text has about so many bytes."""
    text = SENTENCE * max(1, text_bytes // len(SENTENCE))
    return json.dumps(ANSWERS[api](text, len(text) // 4)).encode()


def chat(text: str, tokens: int) -> Tree:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    head = {"id": "chatcmpl-bench", "object": "chat.completion", "created": 1700000000, "model": "bench"}
    return {**head, "choices": [choice], "usage": usage(tokens)}


def completions(text: str, tokens: int) -> Tree:
    choice = {"index": 0, "text": text, "logprobs": None, "finish_reason": "stop"}
    head = {"id": "cmpl-bench", "object": "text_completion", "created": 1700000000, "model": "bench"}
    return {**head, "choices": [choice], "usage": usage(tokens)}


def usage(tokens: int) -> Tree:
    return {"prompt_tokens": 57, "completion_tokens": tokens, "total_tokens": 57 + tokens}


def responses(text: str, tokens: int) -> Tree:
    said = {"type": "output_text", "text": text, "annotations": []}
    message = {"type": "message", "id": "msg_bench", "status": "completed", "role": "assistant", "content": [said]}
    counted = {
        "input_tokens": 57,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 57 + tokens,
    }
    head = {"id": "resp_bench", "object": "response", "created_at": 1700000000, "status": "completed", "error": None}
    return {**head, "incomplete_details": None, "model": "bench", "output": [message], "usage": counted}


def anthropic(text: str, tokens: int) -> Tree:
    counted = {
        "input_tokens": 57,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": tokens,
    }
    head = {"id": "msg_bench", "type": "message", "role": "assistant", "model": "bench"}
    content = [{"type": "text", "text": text}]
    return {**head, "content": content, "stop_reason": "end_turn", "stop_sequence": None, "usage": counted}


def gemini(text: str, tokens: int) -> Tree:
    content = {"parts": [{"text": text}], "role": "model"}
    counted = {"promptTokenCount": 57, "candidatesTokenCount": tokens, "totalTokenCount": 57 + tokens}
    candidate = {"content": content, "finishReason": "STOP", "index": 0}
    return {"candidates": [candidate], "usageMetadata": counted, "modelVersion": "bench", "responseId": "bench"}


ANSWERS: dict[str, Callable[[str, int], Tree]] = {
    of.__name__: of for of in (chat, completions, responses, anthropic, gemini)
}


async def serve(body: bytes, context: ssl.SSLContext | None) -> None:
    answer, arrivals = response(body), Arrivals()
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
    options.add_argument("--api", choices=ANSWERS, default="chat")
    options.add_argument("--text-bytes", type=int, default=640)
    options.add_argument("--tls", nargs=2, metavar=("CERTIFICATE", "KEY"), help="PEM files")
    options.add_argument("--print-body", action="store_true", help="print the body and serve nothing")
    arguments = options.parse_args()
    body = body_of(arguments.api, arguments.text_bytes)
    if arguments.print_body:
        sys.stdout.buffer.write(body)
        return
    import uvloop  # noqa: PLC0415 - the body can be printed without it

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(body, tls_context(*arguments.tls) if arguments.tls else None))


if __name__ == "__main__":
    main()
