"""A line of records.jsonl <-> values, and what the store remembers of a record.

{"key", "combination", "repeat", "prompt", "completion", "model", "finish_reason",
 "usage": {"prompt_tokens", "completion_tokens"[, "source": "estimate"]}, "cost_usd", "attempts", "latency_s",
 "created": "2026-11-22T10:07:31Z", "generation", "run"[, "flags": [...]]}

`cost_usd` is null where the price is unknown. `generation` counts the drops of this key, `run` is the run that made it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from asyncsynth.store.encoding import decode, encode, timestamp
from asyncsynth.values import PICODOLLARS_PER_USD, Made, usd


class RecordFacts(NamedTuple):
    """What the store needs of a record: identity, attempt (0: unknown), cost (picodollars; None: unknown)."""

    key: str
    generation: int
    run: int
    prompt_tokens: int
    completion_tokens: int
    cost: int | None
    attempts: int = 0


def record_line(made: Made, run: int) -> tuple[bytes, RecordFacts]:
    """The line of a record and its facts."""
    request, answer, cost = made.request, made.answer, made.cost
    sample, tokens = request.sample, answer.usage
    usage: dict[str, Any] = {"prompt_tokens": tokens.prompt_tokens, "completion_tokens": tokens.completion_tokens}
    if tokens.source == "estimate":
        usage["source"] = "estimate"
    record = {
        "key": sample.key,
        "combination": sample.combination,
        "repeat": sample.repeat,
        "prompt": request.prompt,
        "completion": answer.text,
        "model": answer.model,
        "finish_reason": answer.finish_reason,
        "usage": usage,
        "cost_usd": None if cost is None else usd(cost),
        "attempts": made.attempts,
        "latency_s": round(made.latency_s, 3),
        "created": timestamp(made.created_at),
        "generation": request.generation,
        "run": run,
    }
    if answer.flags:
        record["flags"] = answer.flags
    facts = RecordFacts(
        sample.key, request.generation, run, tokens.prompt_tokens, tokens.completion_tokens, cost, made.attempts
    )
    return encode(record), facts


def facts_of_line(line: bytes) -> RecordFacts | None:
    """The facts of a line of records.jsonl; None where it is no record."""
    record = decode(line)
    return None if record is None else facts_of(record)


def facts_of(record: dict[str, Any]) -> RecordFacts | None:
    """The facts of a record; None where a field that the store needs is missing or of the wrong kind."""
    try:
        key, usage, cost = record["key"], record["usage"], record["cost_usd"]
        facts = RecordFacts(
            key,
            int(record.get("generation", 0)),
            int(record.get("run", 0)),
            int(usage["prompt_tokens"]),
            int(usage["completion_tokens"]),
            # Exact for records below 2,000 USD: a float has 53 bits.
            None if cost is None else round(float(cost) * PICODOLLARS_PER_USD),
            int(record.get("attempts", 0)),
        )
        whole = type(record["completion"]) is str and type(record["prompt"]) is str and len(bytes.fromhex(key)) == 16
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return facts if whole else None
