"""A line of raw.jsonl: what went over the wire in one attempt, bodies embedded as JSON where they are JSON."""

from __future__ import annotations

import orjson

from asyncsynth.store.encoding import encode
from asyncsynth.values import RawCall


def raw_line(call: RawCall) -> bytes:
    """{"key", "attempt", "sent_at", "status", "request", "response"}: a body is JSON, else a string, else null."""
    head = encode(
        {
            "key": call.key,
            "attempt": call.attempt,
            "sent_at": call.sent_at,
            "status": call.status,
        }
    )
    response = _embedded(call.response_body, is_json=call.is_json)
    return b'%b,"request":%b,"response":%b}\n' % (head[:-2], call.request_body, response)


def _embedded(body: bytes | None, *, is_json: bool) -> bytes:
    """The bytes as they came, where they are JSON; only what a pretty-printed one would break is written anew."""
    if body is None:
        return b"null"
    in_one_line = b"\n" not in body and b"\r" not in body
    if is_json and in_one_line:
        return body
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        value = body.decode("utf-8", "replace")
        in_one_line = False
    return body if in_one_line else encode({"": value})[4:-2]
