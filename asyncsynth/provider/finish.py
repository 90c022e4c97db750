"""Why an answer ended, in the words of all services, without regard to case or spelling: one table for all wires."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any

UNKNOWN = "unknown"  # in a record whose reply names no reason


class Finish(Enum):
    """What an answer's end means for its text."""

    WHOLE = auto()
    CUT = auto()  # by max_tokens or the model's context
    FILTERED = auto()
    REFUSED = auto()
    BROKEN = auto()  # by the endpoint; what is there is a piece
    UNCLEAR = auto()


# By letters alone. Whole and cut answers are named as OpenAI does; the others keep their own words.
_WORDS: Mapping[Finish, str] = {
    Finish.WHOLE: """
        stop stopped stopsequence stopsequences stopword stoptoken eos eostoken eosfound eot endturn endofturn
        endofsequence endoftext endofstream end complete completed done finish finished normal success
        toolcalls toolcall tooluse functioncall functioncalls
    """,
    Finish.CUT: """
        length lengthcapped maxtokens maxtokensreached maxoutputtokens maxcompletiontokens maxnewtokens maxlength
        maxlengthreached tokenlimit tokenlimitreached outputlimit limit truncated truncation modellength
        modelcontextwindowexceeded contextwindowexceeded contextlength contextlengthexceeded contextfull errorlimit
        continuation
    """,
    Finish.FILTERED: """
        contentfilter contentfiltered contentfiltering contentpolicy contentpolicyviolation filter filtered safety
        recitation blocklist blocked prohibitedcontent spii language sensitive sensitivecontent risk riskcontent
        moderation moderated flagged toxic errortoxic guardrail guardrails guardrailintervened imagesafety
        imageprohibitedcontent imagerecitation policyviolation unsafe escalation modelarmor jailbreak
        puplimiteddisabled
    """,
    Finish.REFUSED: "refusal refused refuse",
    Finish.BROKEN: """
        abort aborted error errored failed failure cancel cancelled canceled usercancel usercancelled interrupt
        interrupted incomplete timeout timedout deadline deadlineexceeded networkerror connectionerror disconnect
        disconnected servererror internalerror internalservererror engineerror modelerror upstreamerror generationerror
        exception overloaded preempted preemption insufficientsystemresource insufficientsystemresources
        insufficientresources outofmemory other malformedresponse malformedfunctioncall malformedmodeloutput
        malformedtooluse unexpectedtoolcall toomanytoolcalls missingthoughtsignature noimage pauseturn repetition
        repetitiontruncation loop imageother maxmessages steered inprogress queued
    """,
}
_KIND_OF = {word: kind for kind, words in _WORDS.items() for word in words.split()}
_OPENAIS = {Finish.WHOLE: "stop", Finish.CUT: "length"}
_TOOLS = frozenset({"toolcalls", "toolcall", "tooluse", "functioncall", "functioncalls"})


def finish_of(word: Any) -> tuple[str, Finish]:
    """The reason as a record names it, and what it means. `FINISH_REASON_MAX_TOKENS`, `content_filter: OTHER`."""
    if type(word) is not str:
        return UNKNOWN, Finish.UNCLEAR
    letters = "".join(filter(str.isalpha, word.partition(":")[0].lower())).removeprefix("finishreason")
    kind = _KIND_OF.get(letters, Finish.UNCLEAR)
    name = word.strip() if letters in _TOOLS else _OPENAIS.get(kind, word.strip())
    return name or UNKNOWN, kind
