"""A line of answers.jsonl <-> values, and what the store remembers of an answer.

{"key", "step", "take", "text", "reasoning", "model", "finish_reason", "usage": {"prompt_tokens", "completion_tokens",
 "cached_tokens", "reasoning_tokens", "source": "endpoint" | "estimate"}, "cost_usd", "attempts", "latency_s",
 "created": "2026-11-22T10:07:31Z", "generation", "run", "flags": [...], "crc": "5a1c9e02"}

`reasoning` is what the model thought, kept beside its text; null where it told nothing of that.
`cached_tokens` are among those of the prompt, `reasoning_tokens` among those of the completion.
`cost_usd` is null where the price is unknown. `generation` counts the drops of this key, `run` is the run that paid.
`crc` is the line's own checksum: a group of answers has one too, but a kill may come before that is noted.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson
from msgspec import Struct

from asyncsynth.costs import PICODOLLARS_PER_USD, usd
from asyncsynth.store.encoding import decode, encode, timestamp
from asyncsynth.store.sealed import SEAL_LENGTH, intact, seal_body
from asyncsynth.values import Answered, Paid, Usage

# What a record tells as its answer does, in this order.
TOLD = (
    "model", "finish_reason", "usage", "cost_usd", "attempts", "latency_s", "created", "generation", "run", "flags",
)  # fmt: skip
BEGIN = b'{"key":"'  # of every line of answers and views
_TEXT, _REASONING, _TOLD, _GENERATION = b',"text":', b',"reasoning":', b',"model":', b',"generation":'
_NO_REASONING = _REASONING + b"null"
KEY_IN_LINE = slice(len(BEGIN), len(BEGIN) + 32)


class AnswerFacts(Struct, frozen=True, gc=False):
    """What the store needs of an answer: identity, attempts (0: unknown), cost (picodollars; None: unknown)."""

    key: str
    generation: int
    run: int
    prompt_tokens: int
    completion_tokens: int
    cost: int | None
    attempts: int


class StoredAnswer(Struct, frozen=True, gc=False):
    """An answer as its line has it; `told` is what it and its records tell alike: members of a JSON object.

    `paid`: the same as values, of a step's answer that came in this run.
    """

    key: str
    text: str
    told: bytes
    paid: Paid | None = None

    def itself(self) -> StoredAnswer:
        """For whoever asks for an answer as for one that is yet to be read."""
        return self

    @property
    def finish_reason(self) -> str:
        """As the endpoint's answer ended."""
        return (self.paid or paid_of(self.told)).finish_reason


class AnswerParts(NamedTuple):
    """The parts of a line that a record repeats as they stand: the text as a JSON string, and what is told."""

    text: bytes
    told: bytes


def stored(answered: Answered, run: int) -> tuple[bytes, StoredAnswer, AnswerFacts]:
    """The line of an answer, what it holds, and its facts."""
    request, answer = answered.request, answered.answer
    key, usage = request.sample.key, answer.usage
    cost, attempts = answered.cost, answered.attempts
    latency_s = int(answered.latency_s * 1000 + 0.5) / 1000  # round() takes six times as long
    prompt_tokens, completion_tokens = usage.prompt_tokens, usage.completion_tokens
    body = encode(
        {
            "key": key,
            "step": request.step,
            "take": request.take,
            "text": answer.text,
            "reasoning": answer.reasoning,
            "model": answer.model,
            "finish_reason": answer.finish_reason,
            "usage": {
                "prompt_tokens": prompt_tokens,
                "completion_tokens": completion_tokens,
                "cached_tokens": usage.cached_tokens,
                "reasoning_tokens": usage.reasoning_tokens,
                "source": usage.source,
            },
            "cost_usd": None if cost is None else usd(cost),
            "attempts": attempts,
            "latency_s": latency_s,
            "created": timestamp(answered.created_at),
            "generation": request.generation,
            "run": run,
            "flags": answer.flags,
        }
    )[:-2]
    facts = AnswerFacts(key, request.generation, run, prompt_tokens, completion_tokens, cost, attempts)
    paid = None if answered.rows else Paid(answer.finish_reason, usage, cost, attempts, latency_s, answer.flags)
    return seal_body(body), StoredAnswer(key, answer.text, body[body.rindex(_TOLD) + 1 :], paid), facts


def parts_of(line: bytes) -> AnswerParts | None:
    """The parts of a line of answers.jsonl, without its newline; None where it is none, or was changed since.

    No string of JSON has a bare quote in it, so the names of members are found without parsing the line.
    """
    if not intact(line):
        return None
    told = line.rfind(_TOLD)
    text = line.find(_TEXT)
    end = told - len(_NO_REASONING)
    if not line.startswith(_NO_REASONING, end):
        end = line.find(_REASONING, text)
    return AnswerParts(line[text + len(_TEXT) : end], line[told + 1 : -SEAL_LENGTH]) if 0 < text < end < told else None


def answer_of(key: str, parts: AnswerParts) -> StoredAnswer:
    """What a line in parts holds."""
    return StoredAnswer(key, orjson.loads(parts.text), parts.told)


def paid_of(told: bytes) -> Paid:
    """From what is told. ValueError, KeyError where that is not what a line tells."""
    found = orjson.loads(b"{%b}" % told)
    usage, cost = found["usage"], found["cost_usd"]
    return Paid(
        str(found["finish_reason"]),
        Usage(
            usage["prompt_tokens"],
            usage["completion_tokens"],
            usage["source"],
            cached_tokens=usage["cached_tokens"],
            reasoning_tokens=usage["reasoning_tokens"],
        ),
        None if cost is None else picodollars(cost),
        found["attempts"],
        found["latency_s"],
        tuple(found["flags"]),
    )


def picodollars(usd: float) -> int:
    """Exact for answers below 2,000 USD: a float has 53 bits."""
    return round(usd * PICODOLLARS_PER_USD)


def generation_of(line: bytes) -> int:
    """The generation of a line of answers.jsonl. ValueError where it has none."""
    at = line.rindex(_GENERATION) + len(_GENERATION)
    return int(line[at : line.index(b",", at)])


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
            None if cost is None else picodollars(float(cost)),
            int(answer["attempts"]),
        )
        whole = all(name in answer for name in TOLD) and type(answer["text"]) is str and len(bytes.fromhex(key)) == 16
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return facts if whole else None
