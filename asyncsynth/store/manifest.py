"""The lines of manifest.jsonl: JSON objects with a "type"; all but the records themselves arises by replaying them.

header     schema, version, created
run        id, at, facts: the lines that follow belong to this run
run_end    id, at, how; a run without one was cut off
call       key, generation, attempt, sent_at, tokens, reserved: one attempt, written before it is sent
fault      key, generation, attempt, at, reason, billed (no | maybe | yes), cost, prompt_tokens, completion_tokens
           [, raw: the reply, where it was or may have been paid]: an attempt that ended without a record
records    run, offset, length, checksum (CRC-32 of these bytes of records.jsonl), prompt_tokens, completion_tokens,
           cost, unknown (records without a known cost), keys: one synced group of records of one run. Derived from
           records.jsonl and written after its fdatasync; groups follow each other without gaps.
dead       key, generation, combination, repeat, reason, message, attempts, status, created: a dead letter
retry      keys: these dead letters were cleared
drop       key, generation (the new one), record (the whole record that is taken out)
rewritten  at: records.jsonl was written anew; all `records` lines before this one are void
removed    run, records, prompt_tokens, completion_tokens, cost, unknown: paid records that somebody took out of
           records.jsonl by hand; found by open
cursor     order, samples: the first so many samples of this order of a recipe have a record, in a `records` line before
           this one, or a dead letter. Derived; void after a retry, drop, rewritten or removed line.
lost       key, generation, attempt, sent_at, tokens, reserved: a call that a kill left without an end; found by open

Money is in picodollars, null where it is unknown. A call ends with its record, a fault or lost line of its own, or any
`records`, dead or drop line of its key: those are written after the ends of all calls of the key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from asyncsynth import __version__
from asyncsynth.store.encoding import timestamp
from asyncsynth.values import Billing, Call, Failed, GivenUp

SCHEMA = 1

_CALL = ("key", "generation", "attempt", "sent_at", "tokens", "reserved")
_SUMS = ("prompt_tokens", "completion_tokens", "cost", "unknown")
_FIELDS: dict[str, tuple[str, ...]] = {
    "header": ("schema",),
    "run": ("id", "at", "facts"),
    "run_end": ("id", "at", "how"),
    "call": _CALL,
    "fault": (
        "key", "generation", "attempt", "at", "reason", "billed", "cost", "prompt_tokens", "completion_tokens",
    ),
    "records": ("run", "offset", "length", "checksum", *_SUMS, "keys"),
    "dead": (
        "key", "generation", "combination", "repeat", "reason", "message", "attempts", "status", "created",
    ),
    "retry": ("keys",),
    "drop": ("key", "generation", "record"),
    "rewritten": ("at",),
    "removed": ("run", "records", *_SUMS),
    "cursor": ("order", "samples"),
    "lost": _CALL,
}  # fmt: skip
_REQUIRED = {name: frozenset((*fields, "type")) for name, fields in _FIELDS.items()}

Line = dict[str, Any]


def parse(line: bytes) -> Line | None:
    """A line of the manifest, or None where it is none: no JSON object, an unknown type, a field missing."""
    try:
        value = orjson.loads(line)
        return value if value.keys() >= _REQUIRED[value["type"]] else None
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError):
        return None


def header(at: float) -> Line:
    return {"type": "header", "schema": SCHEMA, "version": __version__, "created": timestamp(at)}


def run(number: int, at: float, facts: Mapping[str, Any]) -> Line:
    return {"type": "run", "id": number, "at": at, "facts": facts}


def run_end(number: int, at: float, how: str) -> Line:
    return {"type": "run_end", "id": number, "at": at, "how": how}


def call(started: Call, type_: str = "call") -> Line:
    return {
        "type": type_,
        "key": started.key,
        "generation": started.generation,
        "attempt": started.attempt,
        "sent_at": started.sent_at,
        "tokens": started.tokens,
        "reserved": started.reserved,
    }


def call_of(line: Line) -> Call:
    """The call of a `call` or `lost` line."""
    return Call(
        line["key"], line["generation"], line["attempt"], line["sent_at"], line["tokens"], line["reserved"]
    )  # fmt: skip


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
    request, found = given_up.request, given_up.fault
    return {
        "type": "dead",
        "key": request.sample.key,
        "generation": request.generation,
        "combination": request.sample.combination,
        "repeat": request.sample.repeat,
        "reason": found.reason,
        "message": found.message,
        "attempts": given_up.attempts,
        "status": found.status,
        "created": timestamp(given_up.created_at),
    }


def retry(keys: Sequence[str]) -> Line:
    return {"type": "retry", "keys": keys}


def drop(key: str, generation: int, record: Mapping[str, Any]) -> Line:
    return {"type": "drop", "key": key, "generation": generation, "record": record}


def rewritten(at: float) -> Line:
    return {"type": "rewritten", "at": at}


def cursor(order: str, samples: int) -> Line:
    return {"type": "cursor", "order": order, "samples": samples}


def removed(run_number: int, records: int, sums: Mapping[str, int]) -> Line:
    return {"type": "removed", "run": run_number, "records": records, **sums}
