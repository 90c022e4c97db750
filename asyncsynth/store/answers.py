"""A line of answers.jsonl <-> values, and what the store remembers of an answer.

{"key", "step", "take", "generation", "text", "finish_reason", "model", "usage": {"prompt_tokens", "completion_tokens",
 "source": "endpoint" | "estimate"}, "cost_usd", "attempts", "latency_s", "created": "2026-11-22T10:07:31Z", "run",
 "flags": [...], "crc": "5a1c9e02"}

`cost_usd` is null where the price is unknown. `generation` counts the drops of this key, `run` is the run that paid.
`crc` is the line's own checksum: a group of answers has one too, but a kill may come before that is noted.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from asyncsynth.store.encoding import decode, timestamp
from asyncsynth.store.sealed import intact
from asyncsynth.values import PICODOLLARS_PER_USD, Answered, usd

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


def answer_of(answered: Answered, run: int) -> tuple[dict[str, Any], AnswerFacts]:
    """The object of an answer's line, to be sealed, and its facts."""
    request, answer, cost = answered.request, answered.answer, answered.cost
    key, tokens = request.sample.key, answer.usage
    line = {
        "key": key,
        "step": STEP,
        "take": 0,
        "generation": request.generation,
        "text": answer.text,
        "finish_reason": answer.finish_reason,
        "model": answer.model,
        "usage": {
            "prompt_tokens": tokens.prompt_tokens,
            "completion_tokens": tokens.completion_tokens,
            "source": tokens.source,
        },
        "cost_usd": None if cost is None else usd(cost),
        "attempts": answered.attempts,
        "latency_s": round(answered.latency_s, 3),
        "created": timestamp(answered.created_at),
        "run": run,
        "flags": answer.flags,
    }
    facts = AnswerFacts(
        key, request.generation, run, tokens.prompt_tokens, tokens.completion_tokens, cost, answered.attempts
    )
    return line, facts


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
        whole = type(answer["text"]) is str and len(bytes.fromhex(key)) == 16
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return facts if whole else None
