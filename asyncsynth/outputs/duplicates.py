"""Finds examples that are there already: the same ones, and those whose answer is nearly the same.

What was seen must be remembered: 16 bytes an example for the same ones.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b

from asyncsynth.errors import UsageError
from asyncsynth.outputs.examples import ANSWERS, Kind, Record

Found = Callable[[Record], str | None]  # why a record is left out, if it is; it is remembered if not
Repeats = Callable[[str], bool]  # whether a text nearly repeats one before it

_NEAR = 0.8  # of the answers' runs of three words, the share that both have: about one word in thirty differs
_LIKE = "--dedupe exact, --dedupe near, or --dedupe near=0.7"


def duplicates(how: str, kind: Kind, near: Callable[[float], Repeats]) -> Found:
    """Of "exact", "near" or "near=SHARE"; `near` knows texts that share so much. Raises UsageError."""
    name, _, share = how.partition("=")
    if how == "exact":
        return _Same(kind)
    if name != "near":
        raise UsageError(f"--dedupe {how}: must be exact or near", hint=_LIKE)
    try:
        threshold = float(share or _NEAR)
    except ValueError:
        threshold = 0
    if not 0 < threshold <= 1:
        raise UsageError(f"--dedupe {how}: the share must be above 0 and at most 1", hint=_LIKE)
    return _Near(kind, near(threshold))


class _Same:
    """Records with the same texts, of which only the first is taken."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._seen: set[bytes] = set()

    def __call__(self, record: Record) -> str | None:
        digest = blake2b("\0".join(_texts(record, self._kind)).encode(), digest_size=16).digest()
        if digest in self._seen:
            return "exact duplicates"
        self._seen.add(digest)
        return None


class _Near:
    """The same, and records whose answer shares so much with the answer of one that was taken."""

    def __init__(self, kind: Kind, repeats: Repeats) -> None:
        self._kind, self._repeats = kind, repeats
        self._same = _Same(kind)

    def __call__(self, record: Record) -> str | None:
        if (reason := self._same(record)) is not None:
            return reason
        return "near-duplicates" if self._repeats(_answer(record, self._kind)) else None


def _texts(record: Record, kind: Kind) -> list[str]:
    """All that is trained on, and what it is an answer to."""
    if kind is Kind.DIALOGUE:
        return [text for turn in record["messages"] for text in (turn["role"], turn["content"])]
    return [record[name] for name in ("prompt", *ANSWERS[kind])]


def _answer(record: Record, kind: Kind) -> str:
    """What the model is trained to say."""
    if kind is Kind.DIALOGUE:
        return "\n".join(turn["content"] for turn in record["messages"] if turn["role"] == "assistant")
    text: str = record[ANSWERS[kind][0]]
    return text
