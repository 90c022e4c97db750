"""The lines of manifest.jsonl: sealed JSON objects with a "type".

header   schema, version, created
run      id, at, recipe (fingerprint), order, facts [, wanted: how many samples there shall be in all]: the lines that
         follow belong to this run
run_end  id, at, how; a run without one was cut off
calls    count, until (the newest sent_at), calls: [key, generation, attempt, sent_at, tokens, reserve] each, and the
         name of its endpoint where the recipe names some; written before they are sent
fault    key, generation, attempt, at, reason, billed (no | maybe | yes), cost, prompt_tokens, completion_tokens
         [, raw: the reply, where it was or may have been paid]: an attempt that ended without an answer
answers  run, offset, length, checksum (CRC-32 of these bytes of answers.jsonl), prompt_tokens, completion_tokens, cost,
         unknown (answers without a known cost), keys: one synced group of answers of one run. Written after their
         fdatasync; groups follow each other without gaps.
dead     key, generation, combination, repeat, reason, message, attempts, status, created: a dead letter
retry    keys: these dead letters were cleared
drop     run, prompt_tokens, completion_tokens, cost, unknown, keys: answers of this run that no longer count; each key
         is one generation further from here on
views    recipe, order, answers, records, failures, unrendered, dead, typed, reach: what the views hold; see store.mark
cursor   order, samples: the first so many samples of this order have an answer, in an `answers` line before this one,
         or a dead letter. Derived; void after a retry or drop.
lost     calls, as in `calls`: they were cut off without an end; noted when the next run opens, or when this one ends

Money is in picodollars, null where it is unknown. A call ends with its answer, a fault or lost line of its own, or any
`answers`, dead or drop line of its key: those are written after the ends of all calls of the key. At a run or run_end
line every call before it has its end.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from asyncsynth.store.encoding import timestamp
from asyncsynth.store.sealed import intact
from asyncsynth.values import Billing, Call, Failed, GivenUp
from asyncsynth.version import VERSION

SCHEMA = 2

_SUMS = ("prompt_tokens", "completion_tokens", "cost", "unknown")
_FIELDS: dict[str, tuple[str, ...]] = {
    "header": ("schema",),
    "run": ("id", "at", "recipe", "order", "facts"),
    "run_end": ("id", "at", "how"),
    "calls": ("count", "until", "calls"),
    "fault": (
        "key", "generation", "attempt", "at", "reason", "billed", "cost", "prompt_tokens", "completion_tokens",
    ),
    "answers": ("run", "offset", "length", "checksum", *_SUMS, "keys"),
    "dead": (
        "key", "generation", "combination", "repeat", "reason", "message", "attempts", "status", "created",
    ),
    "retry": ("keys",),
    "drop": ("run", *_SUMS, "keys"),
    "views": ("recipe", "order", "answers", "records", "failures", "unrendered", "dead", "typed", "reach"),
    "cursor": ("order", "samples"),
    "lost": ("calls",),
}  # fmt: skip
_REQUIRED = {name: frozenset((*fields, "type")) for name, fields in _FIELDS.items()}
BEGIN = b'{"type":"'
_CALLS = rb'\{"type":"calls","count":(\d+),"until":([^,]+),'

Line = dict[str, Any]


def parse(line: bytes) -> Line | None:
    """A line of the manifest without its newline; None where it is none or was changed since it was written."""
    if not intact(line):
        return None
    try:
        value = orjson.loads(line)
        if value["type"] == "run":
            value = json.loads(line)  # orjson rounds the integers of more than 64 bits that a recipe may have
        return value if value.keys() >= _REQUIRED[value["type"]] else None
    except (ValueError, AttributeError, KeyError, TypeError):
        return None


class CallsHead(NamedTuple):
    """What the beginning of a `calls` line tells without parsing the rest."""

    calls: int
    until: float


def calls_head(line: bytes) -> CallsHead | None:
    """None where it is no `calls` line or was changed since it was written."""
    match = re.match(_CALLS, line)
    return None if match is None or not intact(line) else CallsHead(int(match[1]), float(match[2]))


def header(at: float) -> Line:
    return {"type": "header", "schema": SCHEMA, "version": VERSION, "created": timestamp(at)}


def run(
    number: int, at: float, *, recipe: str, order: str, facts: Mapping[str, Any], wanted: int | None = None
) -> Line:
    line: Line = {"type": "run", "id": number, "at": at, "recipe": recipe, "order": order, "facts": facts}
    return line if wanted is None else {**line, "wanted": wanted}


def wanted_of(line: Line) -> int | None:
    """What a `run` line tells of how many samples there shall be. TypeError, ValueError where that is no number."""
    wanted = line.get("wanted")
    return None if wanted is None else int(wanted)


def run_end(number: int, at: float, how: str) -> Line:
    return {"type": "run_end", "id": number, "at": at, "how": how}


def calls(started: Collection[Call]) -> Line:
    until = max(call.sent_at for call in started)
    return {"type": "calls", "count": len(started), "until": until, "calls": _members(started)}


def lost(cut_off: Collection[Call]) -> Line:
    return {"type": "lost", "calls": _members(cut_off)}


def _members(calls: Collection[Call]) -> list[tuple[Any, ...]]:
    # Tuples, since orjson takes no named tuple for a list.
    return [tuple(call) if call.endpoint else call[:-1] for call in calls]


def fault(failed: Failed) -> Line:
    found = failed.fault
    line: Line = {
        "type": "fault",
        "key": failed.key,
        "generation": failed.generation,
        "attempt": failed.attempt,
        "at": failed.at,
        "reason": found.reason,
        "billed": found.billing.value,
        "cost": failed.cost,
        "prompt_tokens": found.usage.prompt_tokens if found.usage else 0,
        "completion_tokens": found.usage.completion_tokens if found.usage else 0,
    }
    if found.billing is not Billing.NO and found.body is not None:
        line["raw"] = found.body.decode("utf-8", "replace")
    return line


def dead(given_up: GivenUp) -> Line:
    sample, found = given_up.sample, given_up.fault
    return {
        "type": "dead",
        "key": sample.key,
        "generation": given_up.generation,
        "combination": given_up.rows[0].combination if given_up.rows else sample.combination,
        "repeat": sample.repeat,
        "reason": found.reason,
        "message": found.message,
        "attempts": given_up.attempts,
        "status": found.status,
        "created": timestamp(given_up.created_at),
    }


def retry(keys: Sequence[str]) -> Line:
    return {"type": "retry", "keys": keys}


def drop(run_number: int, keys: Sequence[str], sums: Mapping[str, int]) -> Line:
    return {"type": "drop", "run": run_number, **sums, "keys": keys}


def cursor(order: str, samples: int) -> Line:
    return {"type": "cursor", "order": order, "samples": samples}
