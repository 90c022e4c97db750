"""From what a model wrote to an Answer, or to the reason why it was paid and can't be a record."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from asyncsynth.provider.classify import About, fault_of
from asyncsynth.provider.finish import Finish, finish_of
from asyncsynth.provider.headers import rate_hints
from asyncsynth.provider.thoughts import THINK, told_apart
from asyncsynth.provider.transport.contract import HttpReply
from asyncsynth.provider.usage import count, usage_of
from asyncsynth.values import Answer, Billing, Fault, Request

_ROW_OF_FINISH = {Finish.FILTERED: "content_filter", Finish.REFUSED: "refusal", Finish.BROKEN: "broken_off"}
# Looked up once, not for each answer.
_WHOLE, _CUT, _UNCLEAR = Finish.WHOLE, Finish.CUT, Finish.UNCLEAR
_USUAL = finish_of("stop")
UNKNOWN_FINISH = "unknown_finish_reason"  # a flag of an answer


class AnswerRules(Struct, frozen=True):
    """What the config says of answers."""

    keep_truncated: bool = True  # one that reached max_tokens can be a record
    strip_reasoning: bool = True  # thoughts that stand in the text, in tags, are taken out of it and kept beside


USUAL_RULES = AnswerRules()


class Written(Struct, frozen=True):
    """What a reply says, before it is judged; the last five as they came, whatever they are."""

    text: str
    thoughts: str
    refusal: str
    finish: Any
    usage: Any
    model: Any
    reply_id: Any
    choices: Any


def answer_or_fault(
    written: Written,
    flags: tuple[str, ...],
    reply: HttpReply,
    request: Request,
    about: About,
    rules: AnswerRules,
) -> Answer | Fault:
    """The answer that `written` is, or the fault of one that is none."""
    if rules.strip_reasoning and THINK in written.text:
        written = _without_thoughts(written)
    text, thoughts, word, model, reply_id = (
        written.text,
        written.thoughts,
        written.finish,
        written.model,
        written.reply_id,
    )
    name, finish = _USUAL if word == "stop" else finish_of(word)
    if written.refusal or finish is not _WHOLE or not text or text.isspace():
        reason = _why_not(written, finish, rules)
        if reason is not None:
            return _rejected(reason, written, name, reply, request, about)
    return Answer(
        text,
        name,
        usage_of(written.usage, request, text, thoughts),
        model if type(model) is str and model else about.model,
        reply.body,
        (*flags, UNKNOWN_FINISH) if finish is _UNCLEAR else flags,
        rate_hints(reply.headers),
        reply_id if type(reply_id) is str and reply_id else None,
        reply.status,
        thoughts or None,
    )


def _without_thoughts(written: Written) -> Written:
    text, thoughts = told_apart(written.text)
    return replace(written, text=text, thoughts="\n".join(filter(None, (written.thoughts, thoughts))))


def _why_not(written: Written, finish: Finish, rules: AnswerRules) -> str | None:
    """The row of the fault table for what can't be a record, or None."""
    if finish in _ROW_OF_FINISH:
        return _ROW_OF_FINISH[finish]
    if written.refusal:
        return "refusal"
    if not written.text or written.text.isspace():
        return _why_blank(written)
    if finish is _CUT and not rules.keep_truncated:
        return "truncated"
    return None


def _why_blank(written: Written) -> str:
    """Nothing was made where nothing is to be paid; else the model wrote nothing."""
    counted = count(written.usage)
    if counted.prompt or counted.completion:
        return "null_content" if written.choices else "empty_choices"
    return "null_content" if written.choices and not counted.told else "nothing_made"


def _rejected(reason: str, written: Written, finish: str, reply: HttpReply, request: Request, about: About) -> Fault:
    """Its body stays as it came: nothing that a model wrote is changed, not even for the key's sake."""
    text, thoughts, counted = written.text, written.thoughts, count(written.usage)
    fault = fault_of(reason, about, status=reply.status, detail=_said(reason, written, finish))
    fault = replace(fault, body=reply.body)
    if counted.told and not (counted.prompt or counted.completion or text or thoughts):
        return replace(fault, billing=Billing.NO)
    if reason == "nothing_made":
        return fault
    # What a reply without a word is called says nothing: empty ones may all be called alike.
    reply_id = written.reply_id if type(written.reply_id) is str and written.reply_id else None
    return replace(fault, reply_id=reply_id, usage=usage_of(written.usage, request, text, thoughts))


def _said(reason: str, written: Written, finish: str) -> str:
    """What the model or the endpoint said instead, or what to change."""
    if reason == "refusal":
        return written.refusal or written.text
    if reason in ("content_filter", "broken_off"):
        return f"finish_reason {finish}"
    if reason == "null_content" and (written.thoughts or count(written.usage).thought):
        return "it reasoned and wrote nothing: raise max_tokens"
    if reason == "null_content" and finish_of(written.finish)[1] is _CUT:
        return "it reached max_tokens before it wrote anything: raise max_tokens"
    return ""
