"""A line of raw.jsonl: what went over the wire in one attempt, bodies embedded as JSON where they are JSON."""

from __future__ import annotations

import orjson

from asyncsynth.store.encoding import encode
from asyncsynth.values import Exchange


def raw_line(exchange: Exchange) -> bytes:
    """{"key", "attempt", "sent_at", "status", "request", "response"}: a body is JSON, else a string, else null."""
    head = encode(
        {
            "key": exchange.key,
            "attempt": exchange.attempt,
            "sent_at": exchange.sent_at,
            "status": exchange.status,
        }
    )
    request, response = _embedded(exchange.request_body), _embedded(exchange.response_body)
    return b'%b,"request":%b,"response":%b}\n' % (head[:-2], request, response)


def _embedded(body: bytes | None) -> bytes:
    if body is None:
        return b"null"
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return encode({"": body.decode("utf-8", "replace")})[4:-2]
    # The bytes as they came; only a pretty-printed body, whose newlines would break the line, is written anew.
    return encode({"": value})[4:-2] if b"\n" in body or b"\r" in body else body
