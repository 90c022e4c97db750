"""A body that holds its JSON among other things: comments before it, a terminator behind it, a stream of events.

Some gateways keep a call alive by comments, or end each reply as they end a stream, or stream although nobody asked.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from asyncsynth.provider.json_reply import NotJson, read_json

MAX_TAIL = 4096  # characters behind the JSON that are no JSON; with more of them the body is something else
# What may stand between documents: blanks, comments, the fields of server-sent events and the stream's end.
_BETWEEN = re.compile(
    r"(?:[\s\x00]++|:[^\n]*+|(?:event|id|retry)[ \t]*+:[^\n]*+|data[ \t]*+:[ \t]*+(?:\[DONE\]|null\b|\{\}|(?=[\r\n]))?"
    r"|\[DONE\])*+"
)
_EVENT = re.compile(r"^data[ \t]*:", re.MULTILINE)
_END = re.compile(r"\[DONE\]")
_END_OF_JSON = json.JSONDecoder(parse_int=len, parse_float=len)  # only looks where a document ends


class Framed(NamedTuple):
    """The documents of a body in their order; `ended`: the mark was there that ends a stream."""

    documents: tuple[Any, ...]
    ended: bool
    flags: tuple[str, ...]


def read_framed(body: bytes) -> Framed:
    """The JSON in `body` and what stood around it: "comments", "trailing_text", "event_stream". Raises NotJson."""
    text = body.decode("utf-8-sig", "replace")
    documents: list[Any] = []
    flags: list[str] = []
    at = _after_between(text, 0)
    began = at
    while text[at : at + 1] in ("{", "["):
        end = _end_of_document(text, at)
        tree, mended = read_json(text[at:end].encode())
        documents.append(tree)
        flags += mended
        at = _after_between(text, end)
    if not documents:
        raise NotJson("no JSON in it")
    tail = text[at:]
    if len(tail) > MAX_TAIL or "{" in tail or "HTTP/" in tail:
        raise NotJson("more than one document")
    streamed = len(documents) > 1 or _EVENT.search(text, 0, began) is not None
    around = "event_stream" if streamed else "trailing_text" if text[end:].strip() else "comments"
    return Framed(tuple(documents), _END.search(text, end) is not None, (*dict.fromkeys(flags), around))


def _after_between(text: str, at: int) -> int:
    found = _BETWEEN.match(text, at)
    assert found is not None, "it matches nothing, too"
    return found.end()


def _end_of_document(text: str, at: int) -> int:
    try:
        return _END_OF_JSON.raw_decode(text, at)[1]
    except (ValueError, RecursionError) as error:
        raise NotJson(str(error)) from None
