"""What is counted over all records: lengths, openings, scores, what it cost; in memory that does not grow with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from asyncsynth.outputs.survey.doubts import scores_of
from asyncsynth.outputs.survey.frequent import Frequent
from asyncsynth.outputs.survey.values import Bin, Cost, Counted, Lengths, Openings, Reason, Score

OPENING = 3  # words
OPENINGS_SHOWN = 12
REASONS_SHOWN = 50
_BINS = 24
_LONGEST = 100_000  # words; longer texts are counted as this long


class LengthTally:
    """Lengths of answers in words."""

    def __init__(self) -> None:
        self._lengths: Counter[int] = Counter()
        self.truncated = 0

    def add(self, words: int, *, truncated: bool) -> None:
        self._lengths[min(words, _LONGEST)] += 1
        self.truncated += truncated

    def found(self) -> Lengths | None:
        """None where there are no texts."""
        if not self._lengths:
            return None
        lengths = sorted(self._lengths.items())
        shortest, longest = lengths[0][0], lengths[-1][0]
        return Lengths(tuple(_bins(lengths)), shortest, _median(lengths), longest, self.truncated)


def _median(lengths: list[tuple[int, int]]) -> int:
    half, seen = (sum(count for _, count in lengths) + 1) // 2, 0
    for length, count in lengths:
        seen += count
        if seen >= half:
            return length
    return 0


def _bins(lengths: list[tuple[int, int]]) -> Iterator[Bin]:
    """Bins of one width, a round number of words."""
    shortest, longest = lengths[0][0], lengths[-1][0]
    least = max(1, -(-(longest - shortest + 1) // _BINS))
    size = 10 ** (len(str(least)) - 1)
    width = next(step * size for step in (1, 2, 5, 10) if step * size >= least)
    counts: Counter[int] = Counter()
    for length, count in lengths:
        counts[length // width] += count
    for at in range(shortest // width, longest // width + 1):
        yield Bin(at * width, at * width + width - 1, counts[at])


class OpeningTally:
    """The first words of answers."""

    def __init__(self) -> None:
        self._frequent, self._texts = Frequent(), 0

    def add(self, text: str) -> None:
        if words := text[:200].lower().split()[:OPENING]:
            self._frequent.add(" ".join(words))
            self._texts += 1

    def found(self) -> Openings:
        """Those that are there more than once."""
        top = [Counted(words, count) for words, count in self._frequent.top(OPENINGS_SHOWN) if count > 1]
        return Openings(self._texts, tuple(top))


class ScoreTally:
    """The scores that judges gave."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], Counter[int]] = {}

    def add(self, record: Mapping[str, Any]) -> None:
        for step, line, score in scores_of(record):
            self._counts.setdefault((step, line), Counter())[score] += 1

    def found(self) -> tuple[Score, ...]:
        """By judge and line of its rubric."""
        return tuple(
            Score(
                step,
                line,
                {str(score): counts[score] for score in range(min(1, *counts), max(5, *counts) + 1)},
                sum(score * count for score, count in counts.items()) / counts.total(),
            )
            for (step, line), counts in self._counts.items()
        )


class CostTally:
    """Tokens, money and time by step and model."""

    def __init__(self) -> None:
        self._sums: dict[tuple[str, str], list[Any]] = {}

    def add(self, record: Mapping[str, Any]) -> None:
        steps = {name: told for name, told in (record.get("steps") or {}).items() if "usage" in (told or {})}
        for step, told in steps.items() if steps else [("", record)]:
            self._add(step, told)

    def _add(self, step: str, told: Mapping[str, Any]) -> None:
        sums = self._sums.setdefault((step, str(told.get("model") or "")), [0, 0, 0, 0.0, 0, 0.0])
        usage, cost = told.get("usage") or {}, told.get("cost_usd")
        sums[0] += 1
        sums[1] += usage.get("prompt_tokens") or 0
        sums[2] += usage.get("completion_tokens") or 0
        sums[3] += cost or 0.0
        sums[4] += cost is None
        sums[5] += told.get("latency_s") or 0.0

    def found(self) -> tuple[Cost, ...]:
        """The dearest first."""
        costs = [
            Cost(step, model, answers, prompt, completion, None if unknown else usd, seconds)
            for (step, model), (answers, prompt, completion, usd, unknown, seconds) in self._sums.items()
        ]
        return tuple(sorted(costs, key=lambda cost: -(cost.cost_usd or 0.0)))


class ReasonTally:
    """Why samples were given up on."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._messages: dict[str, str] = {}

    def add(self, failure: Mapping[str, Any]) -> None:
        reason = str(failure.get("reason"))
        self._counts[reason] += 1
        self._messages.setdefault(reason, str(failure.get("message") or "")[:500])

    def found(self) -> tuple[Reason, ...]:
        """The most frequent first."""
        return tuple(
            Reason(reason, count, self._messages[reason]) for reason, count in self._counts.most_common(REASONS_SHOWN)
        )
