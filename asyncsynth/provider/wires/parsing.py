"""What all wires do with a reply: read its JSON, tell errors from answers, and judge what was written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from asyncsynth.provider.answers import AnswerRules, Written, answer_or_fault
from asyncsynth.provider.classify import About, fault_of, fault_of_reply
from asyncsynth.provider.error_bodies import ErrorBody, error_in_success, error_instead, error_of
from asyncsynth.provider.json_reply import NotJson, read_json
from asyncsynth.provider.transport.contract import HttpReply
from asyncsynth.provider.usage import count, usage_of
from asyncsynth.values import Answer, Fault, Request, Usage

Read = Callable[[Any], Written | None]  # what an answer of this wire says; None: the tree is none
Join = Callable[[Sequence[Any]], Any]  # the tree that the events of a stream make; None: they are something else


class _CutOff(NotJson):
    """A stream that ends before its answer does."""


def parsed(
    reply: HttpReply, request: Request, about: About, now: float, read: Read, join: Join, rules: AnswerRules
) -> Answer | Fault:
    """An Answer, or the Fault that the table makes of the reply."""
    status, body = reply.status, reply.body
    try:
        tree, flags = read_json(body)
    except NotJson:
        try:
            tree, flags = _framed(body, read, join)
        except _CutOff as why:
            return fault_of("body_cut_off", about, status=status, detail=str(why), body=body)
        except NotJson:
            return _without_json(reply, about, now)
    if not 200 <= status < 300:
        return fault_of_reply(status, reply.headers, error_of(tree), body, about, now, usage=_paid(tree, request))
    if (error := error_in_success(tree)) is not None:
        return fault_of_reply(status, reply.headers, error, body, about, now, usage=_paid(tree, request))
    written = read(tree)
    if written is None:
        return _without_answer(tree, reply, request, about, now)
    return answer_or_fault(written, flags, reply, request, about, rules)


def _framed(body: bytes, read: Read, join: Join) -> tuple[Any, tuple[str, ...]]:
    """The tree of a body that has something around its JSON, or is a stream of events."""
    from asyncsynth.provider.framing import read_framed  # noqa: PLC0415 - few replies need it, and no start does

    documents, ended, flags = read_framed(body)
    if "event_stream" not in flags:
        return documents[0], flags
    tree = join(documents)
    if tree is None:
        raise NotJson("documents that make no answer")
    written = read(tree)
    if written is not None and written.finish is None and not ended:
        raise _CutOff("the stream ended before the answer did")
    return tree, flags


def _without_json(reply: HttpReply, about: About, now: float) -> Fault:
    from asyncsynth.provider.pages import is_html, plain_message  # noqa: PLC0415 - as above

    status, headers, body = reply.status, reply.headers, reply.body
    page = is_html(headers.get("content-type"), body)
    error = ErrorBody(message=plain_message(body), page=page)
    if not 200 <= status < 300:
        return fault_of_reply(status, headers, error, body, about, now)
    reason = "empty_body" if not body.strip() else "html" if page else "bad_json"
    return fault_of(reason, about, status=status, detail=error.message, body=body)


def _without_answer(tree: Any, reply: HttpReply, request: Request, about: About, now: float) -> Fault:
    """JSON with status 2xx: an error in an envelope of its own, tokens to pay for nothing, or another API's reply."""
    status, body, usage = reply.status, reply.body, _paid(tree, request)
    error = error_instead(tree)
    if error is not None:
        return fault_of_reply(status, reply.headers, error, body, about, now, usage=usage)
    reason = "no_answer" if usage is None else "empty_choices"
    return fault_of(reason, about, status=status, detail=_shape(tree), usage=usage, body=body)


def _paid(tree: Any, request: Request) -> Usage | None:
    """The usage in a reply without an answer: what it names was paid."""
    given = (tree.get("usage") or tree.get("usageMetadata")) if isinstance(tree, dict) else None
    counted = count(given)
    return usage_of(given, request, "") if counted.prompt or counted.completion else None


def _shape(tree: Any) -> str:
    """What came instead, by its members."""
    if isinstance(tree, dict) and tree:
        return f"it has {', '.join(sorted(map(str, tree))[:8])}"
    return f"it is {str(tree)[:40] or 'an empty text'}"
