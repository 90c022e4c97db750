"""The two wire formats, chat and text completions: a request to bytes, a reply to an Answer or a Fault."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from asyncsynth.provider.answers import Rejected, read_answer
from asyncsynth.provider.classify import About, fault_of, fault_of_reply
from asyncsynth.provider.error_bodies import ErrorBody, error_in_success, error_of, is_html, plain_message
from asyncsynth.provider.headers import rate_hints
from asyncsynth.provider.json_reply import NotJson, read_json
from asyncsynth.values import Answer, Api, Fault, Request

PATHS: Mapping[Api, str] = {"chat": "/chat/completions", "completions": "/completions"}


class Wire:
    """One api with one model and its parameters, which go into every request body as they stand.

    `path` is what follows base_url. What all bodies share is encoded once.
    """

    __slots__ = ("_prefix", "_suffix", "api", "model", "path")

    def __init__(self, api: Api, model: str, parameters: Mapping[str, Any]) -> None:
        self.api: Api = api
        self.model = model
        self.path = PATHS[api]
        shared = _encoded({"model": model, **parameters})[:-1]
        self._prefix = shared + (b',"messages":[' if api == "chat" else b',"prompt":')
        self._suffix = b"]}" if api == "chat" else b"}"

    def body(self, request: Request) -> bytes:
        """The request body; completions has no place for a system text, so it stands above the request there."""
        text, system = request.text, request.system
        if self.api == "completions":
            return self._prefix + _encoded(text if system is None else f"{system}\n\n{text}") + self._suffix
        user = b'{"role":"user","content":' + _encoded(text) + b"}"
        if system is not None:
            user = b'{"role":"system","content":' + _encoded(system) + b"}," + user
        return self._prefix + user + self._suffix

    def parse(
        self,
        status: int,
        headers: Mapping[str, str],
        body: bytes,
        *,
        request: Request,
        about: About,
        now: float,
        keep_truncated: bool = True,
    ) -> Answer | Fault:
        """What a reply means. `headers` answers to lower-case names, `now` is in seconds since the epoch.

        The request stands in for a missing `usage`, which is estimated from its characters and the answer's.
        """
        try:
            tree, flags = read_json(body)
        except NotJson:
            return _without_json(status, headers, body, about, now)
        if not 200 <= status < 300:
            return fault_of_reply(status, headers, error_of(tree), body, about, now)
        if (error := error_in_success(tree)) is not None:
            return fault_of_reply(status, headers, error, body, about, now)
        read = read_answer(tree, self.api, request, keep_truncated=keep_truncated)
        if isinstance(read, Rejected):
            fault = fault_of(read.reason, about, status=status, detail=read.detail, usage=read.usage, body=body)
            return replace(fault, reply_id=_reply_id(tree))
        return Answer(
            read.text,
            read.finish_reason,
            read.usage,
            read.model or self.model,
            body,
            flags,
            rate_hints(headers),
            _reply_id(tree),
        )


def _reply_id(tree: Any) -> str | None:
    given = tree.get("id") if isinstance(tree, dict) else None
    return given if isinstance(given, str) and given else None


def _without_json(status: int, headers: Mapping[str, str], body: bytes, about: About, now: float) -> Fault:
    message = plain_message(body)
    if not 200 <= status < 300:
        return fault_of_reply(status, headers, ErrorBody(message=message), body, about, now)
    reason = "html" if is_html(headers.get("content-type"), body) else "bad_json"
    return fault_of(reason, about, status=status, detail=message, body=body)


def _encoded(value: Any) -> bytes:
    """`value` as JSON; what orjson refuses (integers beyond 64 bits, half UTF-16 pairs) is written as ASCII escapes."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()
