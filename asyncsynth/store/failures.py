"""A line of failures.jsonl: a sample of the present recipe that has no record, at which step, and why.

{"key", "combination", "repeat", "step", "reason", "message", "answer", "attempts", "status", "created"}

`step` is the one whose answers were of no use, as in answers.jsonl; null where the record alone is to blame. `answer`
is what the model wrote for it last, null where no answer was kept. Of a step behind others there are "steps" as well,
as in a record: what led to that answer, and the answer itself.
"""

from __future__ import annotations

from asyncsynth.store.answers import StoredAnswer
from asyncsynth.store.dead_letter import DeadLetter
from asyncsynth.store.encoding import decode, encode
from asyncsynth.store.records import steps_told
from asyncsynth.store.views import UNRENDERED
from asyncsynth.values import Rejected, Row


def dead_letter_line(letter: DeadLetter, row: Row, step: str) -> bytes:
    """A sample that was given up on."""
    return encode(
        {
            "key": letter.key,
            "combination": row.combination,
            "repeat": row.repeat,
            "step": step,
            "reason": letter.reason,
            "message": letter.message,
            "answer": None,
            "attempts": letter.attempts,
            "status": letter.status,
            "created": letter.created,
        }
    )


def rejected_line(end: Rejected) -> bytes:
    """A sample of which all answers to a step were rejected; they are there, and changed gates look at them again."""
    last = end.last
    told = {} if last is None else decode(b"{%b}" % last.told) or {}
    line = encode(
        {
            "key": end.key if last is None else last.key,
            "combination": end.row.combination,
            "repeat": end.row.repeat,
            "step": end.step,
            "reason": end.gate,
            "message": end.why,
            "answer": None if last is None else last.text,
            "attempts": end.takes,
            "status": None,
            "created": told.get("created"),
        }
    )
    if not end.before:
        return line
    return b"%b,%b}\n" % (line[:-2], steps_told(end.before if last is None else (*end.before, last)))


def unrendered_line(row: Row, answer: StoredAnswer) -> bytes:
    """A sample whose answer is there and paid; a corrected template makes its record for nothing."""
    told = decode(b"{%b}" % answer.told) or {}
    return encode(
        {
            "key": answer.key,
            "combination": row.combination,
            "repeat": row.repeat,
            "step": None,
            "reason": UNRENDERED,
            "message": row.problem,
            "answer": answer.text,
            "attempts": told["attempts"],
            "status": None,
            "created": told["created"],
        }
    )
