"""Answers in the odd shapes that services give them: something around the JSON, a stream, thoughts, counts apart."""

from __future__ import annotations

from typing import Any

import orjson

from asyncsynth.servers.simulator.replies import Written, answer, plain

_DONE = b"data: [DONE]\n\n"
_PIECE = 40  # characters of a stream's event


def done_after_json(written: Written) -> bytes:
    """What ends a stream, behind an answer that is none."""
    return plain(written) + b"\n\n" + _DONE


def comments_first(written: Written) -> bytes:
    """The comments by which OpenRouter keeps a call alive."""
    return b": PROCESSING\n\n: PROCESSING\n\n" + plain(written)


def event_stream(written: Written) -> bytes:
    """The chunks of a stream that nobody asked for; the usage comes in the last one, which has no choices."""
    pieces = [written.text[at : at + _PIECE] for at in range(0, len(written.text), _PIECE)]
    whole = answer(written)
    choices = [_chunk(written, piece, None) for piece in pieces] + [_chunk(written, "", written.finish_reason)]
    events = [{**whole, "choices": [choice], "usage": None} for choice in choices] + [{**whole, "choices": []}]
    return b"".join(b"data: %b\n\n" % orjson.dumps(event) for event in events) + _DONE


def reasoned_away(written: Written) -> bytes:
    """All of max_tokens went into thoughts; for completions, which have no place for them, the text is empty."""
    tree = answer(written._replace(text="", finish_reason="length"))
    if written.api == "chat":
        tree["choices"][0]["message"] |= {"content": None, "reasoning_content": written.text}
    tree["usage"]["completion_tokens_details"] = {"reasoning_tokens": written.completion_tokens}
    return orjson.dumps(tree)


def reasoned_apart(written: Written) -> bytes:
    """Tokens of reasoning are counted beside those of the completion, so that only the total tells what is billed."""
    tree = answer(written)
    apart = written.completion_tokens // 2
    tree["usage"]["completion_tokens"] -= apart
    tree["usage"]["completion_tokens_details"] = {"reasoning_tokens": apart}
    return orjson.dumps(tree)


def nothing_made(written: Written) -> bytes:
    """The shape of an answer, without text, id, model or tokens: a gateway whose upstream failed."""
    tree = answer(written._replace(id="", model="", text=""))
    tree["usage"] = dict.fromkeys(tree["usage"], 0)
    return orjson.dumps(tree)


def _chunk(written: Written, text: str, finish_reason: str | None) -> dict[str, Any]:
    shared = {"index": 0, "finish_reason": finish_reason}
    return {**shared, "delta": {"content": text}} if written.api == "chat" else {**shared, "text": text}
