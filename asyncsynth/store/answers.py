"""A line of answers.jsonl <-> values, and what the store remembers of an answer.

{"key", "step", "take", "text", "reasoning", "model", "finish_reason", "usage": {"prompt_tokens", "completion_tokens",
 "source": "endpoint" | "estimate"}, "cost_usd", "attempts", "latency_s", "created": "2026-11-22T10:07:31Z",
 "generation", "run", "flags": [...], "crc": "5a1c9e02"}

`reasoning` is what the model thought, kept beside its text; null where it told nothing of that.
`cost_usd` is null where the price is unknown. `generation` counts the drops of this key, `run` is the run that paid.
`crc` is the line's own checksum: a group of answers has one too, but a kill may come before that is noted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from asyncsynth.store.encoding import decode, encode, timestamp
from asyncsynth.store.sealed import intact, seal_members
from asyncsynth.values import PICODOLLARS_PER_USD, Answered, usd

# What a record tells as its answer does, in this order.
TOLD = (
    "model", "finish_reason", "usage", "cost_usd", "attempts", "latency_s", "created", "generation", "run", "flags",
)  # fmt: skip
STEP = "completion"  # of a recipe of one step
BEGIN = b'{"key":"'  # of every line of answers and views
KEY_IN_LINE = slice(len(BEGIN), len(BEGIN) + 32)


class AnswerFacts(NamedTuple):
    """What the store needs of an answer: identity, attempts (0: unknown), cost (picodollars; None: unknown)."""

    key: str
    generation: int
    run: int
    prompt_tokens: int
    completion_tokens: int
    cost: int | None
    attempts: int


class StoredAnswer(NamedTuple):
    """An answer as its line has it; `told` is what it and its records tell alike: members of a JSON object."""

    key: str
    text: str
    told: bytes
    cost_usd: float | None
    flags: Sequence[str]
    attempts: int
    created: str


def stored(answered: Answered, run: int) -> tuple[bytes, StoredAnswer, AnswerFacts]:
    """The line of an answer, what it holds, and its facts."""
    request, answer, cost = answered.request, answered.answer, answered.cost
    key, tokens, created = request.sample.key, answer.usage, timestamp(answered.created_at)
    cost_usd = None if cost is None else usd(cost)
    told = _members(
        {
            "model": answer.model,
            "finish_reason": answer.finish_reason,
            "usage": {
                "prompt_tokens": tokens.prompt_tokens,
                "completion_tokens": tokens.completion_tokens,
                "source": tokens.source,
            },
            "cost_usd": cost_usd,
            "attempts": answered.attempts,
            "latency_s": round(answered.latency_s, 3),
            "created": created,
            "generation": request.generation,
            "run": run,
            "flags": answer.flags,
        }
    )
    kept = StoredAnswer(key, answer.text, told, cost_usd, answer.flags, answered.attempts, created)
    body = _members({"key": key, "step": STEP, "take": 0, "text": answer.text, "reasoning": answer.reasoning})
    facts = AnswerFacts(
        key, request.generation, run, tokens.prompt_tokens, tokens.completion_tokens, cost, answered.attempts
    )
    return seal_members(b"%b,%b" % (body, told)), kept, facts


def read_answer(line: bytes) -> StoredAnswer | None:
    """What a line of answers.jsonl holds; None where it is no answer."""
    answer = decode(line)
    if answer is None or facts_of(answer) is None:
        return None
    told = _members({name: answer[name] for name in TOLD})
    return StoredAnswer(
        answer["key"], answer["text"], told, answer["cost_usd"], answer["flags"], answer["attempts"], answer["created"]
    )


def _members(value: Mapping[str, Any]) -> bytes:
    """The members of a JSON object, without its braces."""
    return encode(value)[1:-2]


def facts_of_line(line: bytes) -> AnswerFacts | None:
    """The facts of a line of answers.jsonl, without its newline; None where it is no answer or was changed since."""
    answer = decode(line) if intact(line) else None
    return None if answer is None else facts_of(answer)


def facts_of(answer: dict[str, Any]) -> AnswerFacts | None:
    """The facts of an answer; None where a field that the store needs is missing or of the wrong kind."""
    try:
        key, usage, cost = answer["key"], answer["usage"], answer["cost_usd"]
        facts = AnswerFacts(
            key,
            int(answer["generation"]),
            int(answer["run"]),
            int(usage["prompt_tokens"]),
            int(usage["completion_tokens"]),
            # Exact for answers below 2,000 USD: a float has 53 bits.
            None if cost is None else round(float(cost) * PICODOLLARS_PER_USD),
            int(answer["attempts"]),
        )
        whole = all(name in answer for name in TOLD) and type(answer["text"]) is str and len(bytes.fromhex(key)) == 16
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return facts if whole else None
