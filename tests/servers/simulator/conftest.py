"""A client on a raw socket, which sees what a provider's fault does to a connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

PATIENCE_S = 10.0  # after which a reply is called silent


@dataclass(frozen=True)
class Seen:
    """One reply: `ending` is whole, cut (fewer bytes than announced), closed, reset or silent (no byte at all)."""

    ending: str
    status: int | None
    headers: dict[str, str]
    body: bytes

    @property
    def tree(self) -> Any:
        return json.loads(self.body)


Ask = Callable[..., Awaitable[Seen]]


def call_body(prompt: str, *, api: str = "chat", max_tokens: int = 50) -> bytes:
    messages = [{"role": "user", "content": prompt}]
    asked: dict[str, Any] = {
        "chat": {"max_tokens": max_tokens, "messages": messages},
        "completions": {"max_tokens": max_tokens, "prompt": prompt},
        "responses": {"max_output_tokens": max_tokens, "input": prompt},
        "anthropic": {"max_tokens": max_tokens, "messages": messages},
    }[api]
    return json.dumps({"model": "m", **asked}).encode()


async def _read(reader: asyncio.StreamReader, patience_s: float) -> Seen:
    try:
        async with asyncio.timeout(patience_s):
            head = await reader.readuntil(b"\r\n\r\n")
    except TimeoutError:
        return Seen("silent", None, {}, b"")
    except asyncio.IncompleteReadError:
        return Seen("closed", None, {}, b"")
    except ConnectionResetError:
        return Seen("reset", None, {}, b"")
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    try:
        body, ending = await reader.readexactly(int(headers["content-length"])), "whole"
    except asyncio.IncompleteReadError as error:
        body, ending = error.partial, "cut"
    return Seen(ending, int(first.split()[1]), headers, body)


@pytest.fixture
def ask() -> Ask:
    """What sends one request on a connection of its own and tells how it ended."""

    async def one(base_url: str, path: str, body: bytes | None = None, patience_s: float = PATIENCE_S) -> Seen:
        url = urlsplit(base_url)
        reader, writer = await asyncio.open_connection(url.hostname, url.port)
        length = "" if body is None else f"content-length: {len(body)}\r\n"
        verb = "GET" if body is None else "POST"
        writer.write(f"{verb} {path} HTTP/1.1\r\nhost: localhost\r\n{length}\r\n".encode() + (body or b""))
        try:
            return await _read(reader, patience_s)
        finally:
            writer.transport.abort()

    return one


@pytest.fixture
def body() -> Callable[..., bytes]:
    """What makes the body of a request."""
    return call_body
