"""Calls that were noted as sent: those without an end, and the send times of the newest."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from asyncsynth.store.manifest import Line
from asyncsynth.values import Call

_SENT_AT, _TOKENS = itemgetter(3), itemgetter(4)  # of a Call
RECENT_S = 75.0  # how far back recent calls are remembered; the longest window of a limit is 60 s


class OpenCalls:
    """Calls that have no end yet: under way, or cut off by a kill."""

    def __init__(self) -> None:
        self._by_key: dict[str, list[Call]] = {}

    def oldest_first(self) -> list[Call]:
        return sorted((call for calls in self._by_key.values() for call in calls), key=lambda call: call.sent_at)

    def apply(self, line: Line) -> None:
        """What a line of the manifest begins or ends."""
        kind = line["type"]
        if kind == "calls":
            self.begin([Call(*call) for call in line["calls"]])
        elif not self._by_key:
            return
        elif kind == "fault":
            self.end(line["key"], line["attempt"])
        elif kind == "dead":
            self._by_key.pop(line["key"], None)
        elif kind in ("answers", "drop"):
            self._end_all(line["keys"])
        elif kind == "lost":
            for call in [Call(*call) for call in line["calls"]]:
                self.end(call.key, call.attempt)

    def begin(self, calls: Iterable[Call]) -> None:
        by_key = self._by_key
        for call in calls:
            known = by_key.get(call.key)
            if known is None:
                by_key[call.key] = [call]
            else:
                known.append(call)

    def end(self, key: str, attempt: int) -> None:
        """The end of one attempt; where it is not known, of the oldest that is."""
        calls = self._by_key.get(key)
        if calls is None:
            return
        if len(calls) > 1:
            calls.remove(next((call for call in calls if call.attempt == attempt), calls[0]))
        else:
            del self._by_key[key]

    def answered(self, key: str, attempts: int) -> None:
        """The end of the attempt that brought an answer.

        Those before it stay open: a power cut took their ends, which were in the other file.
        """
        calls = self._by_key.pop(key, None)
        if calls is None or (len(calls) == 1 and calls[0].attempt >= attempts):
            return
        if before := [call for call in calls if call.attempt < attempts]:
            self._by_key[key] = before

    def _end_all(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._by_key.pop(key, None)


class RecentCalls:
    """Send times, tokens and endpoints of the newest calls, 24 bytes each."""

    _FEW = 4096

    def __init__(self) -> None:
        self._sent_at, self._tokens = array("d"), array("q")
        self._endpoints: list[str] = []
        self._prune_at = self._FEW

    def add(self, calls: Sequence[Any]) -> None:
        """Calls, or the lists that stand for them in the manifest; in the order in which they were sent, roughly."""
        self._sent_at.extend(map(_SENT_AT, calls))
        self._tokens.extend(map(_TOKENS, calls))
        self._endpoints.extend([call[6] if len(call) > 6 else "" for call in calls])
        if len(self._tokens) > self._prune_at:
            old = bisect_left(self._sent_at, self._sent_at[-1] - RECENT_S)
            del self._sent_at[:old], self._tokens[:old], self._endpoints[:old]
            self._prune_at = 2 * len(self._tokens) + self._FEW

    def since(self, at: float) -> list[tuple[float, int, str]]:
        """(sent_at, tokens, name of the endpoint), oldest first."""
        calls = zip(self._sent_at, self._tokens, self._endpoints, strict=True)
        return sorted(call for call in calls if call[0] >= at)
