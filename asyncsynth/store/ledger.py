"""What was paid, while it grows: tallies by run and by what became of the money."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from asyncsynth.store.answers import AnswerFacts
from asyncsynth.store.totals import Run, Spent, Totals
from asyncsynth.values import Billing


class SpentSum:
    """A Spent that grows."""

    __slots__ = ("calls", "completion_tokens", "picodollars", "prompt_tokens", "unknown")

    def __init__(self) -> None:
        self.calls = self.prompt_tokens = self.completion_tokens = self.picodollars = self.unknown = 0

    @classmethod
    def of(cls, answers: Iterable[AnswerFacts]) -> SpentSum:
        """What these answers cost together."""
        spent = cls()
        prompt_tokens = completion_tokens = picodollars = 0
        for facts in answers:
            spent.calls += 1
            prompt_tokens += facts.prompt_tokens
            completion_tokens += facts.completion_tokens
            if facts.cost is None:
                spent.unknown += 1
            else:
                picodollars += facts.cost
        spent.prompt_tokens, spent.completion_tokens, spent.picodollars = prompt_tokens, completion_tokens, picodollars
        return spent

    def add_sum(self, other: SpentSum) -> None:
        self.calls += other.calls
        self.prompt_tokens += other.prompt_tokens
        self.completion_tokens += other.completion_tokens
        self.picodollars += other.picodollars
        self.unknown += other.unknown

    def add(self, prompt_tokens: int, completion_tokens: int, cost: int | None) -> None:
        self.calls += 1
        self.prompt_tokens += prompt_tokens
        self.completion_tokens += completion_tokens
        if cost is None:
            self.unknown += 1
        else:
            self.picodollars += cost

    def add_sums(self, sums: Mapping[str, Any], calls: int, sign: int = 1) -> None:
        """Adds a manifest line's sums: prompt_tokens, completion_tokens, cost, unknown."""
        self.calls += sign * calls
        self.prompt_tokens += sign * sums["prompt_tokens"]
        self.completion_tokens += sign * sums["completion_tokens"]
        self.picodollars += sign * sums["cost"]
        self.unknown += sign * sums["unknown"]

    def sums(self) -> dict[str, int]:
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "cost": self.picodollars,
            "unknown": self.unknown,
        }

    def freeze(self) -> Spent:
        return Spent(self.calls, self.prompt_tokens, self.completion_tokens, self.picodollars, self.unknown)


class RunLedger:
    """The tallies of one run."""

    __slots__ = (
        "answered", "at", "calls", "dropped", "ended", "failures", "faults", "id", "lost", "maybe", "recipe",
        "rejected", "wanted",
    )  # fmt: skip

    def __init__(self, run: int, at: float) -> None:
        self.id, self.at, self.calls = run, at, 0
        self.ended: str | None = None
        self.recipe: str | None = None
        self.wanted: int | None = None
        self.answered, self.rejected, self.dropped = SpentSum(), SpentSum(), SpentSum()
        self.maybe, self.lost = SpentSum(), SpentSum()
        self.faults: dict[str, int] = {}
        self.failures: dict[str, int] = {}

    def fault(self, billed: str, reason: str, cost: int | None, prompt_tokens: int, completion_tokens: int) -> None:
        self.faults[reason] = self.faults.get(reason, 0) + 1
        if billed == Billing.YES:
            self.rejected.add(prompt_tokens, completion_tokens, cost)
        elif billed == Billing.MAYBE:
            self.maybe.add(prompt_tokens, completion_tokens, cost)

    def totals(self) -> Totals:
        return Totals(
            self.calls,
            self.answered.freeze(),
            self.rejected.freeze(),
            self.dropped.freeze(),
            self.maybe.freeze(),
            self.lost.freeze(),
            dict(self.faults),
            dict(self.failures),
        )


class Ledger:
    """All runs; `current` is the one that lines without a run of their own belong to."""

    def __init__(self) -> None:
        self.current = RunLedger(0, 0.0)  # 0: what is known without a run line, after a manifest was lost
        self.runs: dict[int, RunLedger] = {0: self.current}

    def begin(self, run: int, at: float, recipe: str, wanted: int | None) -> None:
        self.current = self.of(run)
        self.current.at, self.current.recipe, self.current.wanted = at, recipe, wanted

    @property
    def newest(self) -> int:
        """The number of the newest run that anything is known of."""
        return max(self.runs)

    def of(self, run: int) -> RunLedger:
        ledger = self.runs.get(run)
        if ledger is None:
            ledger = self.runs[run] = RunLedger(run, 0.0)
        return ledger

    def drop(self, run: int, sums: Mapping[str, Any], answers: int) -> None:
        """Answers of a run were dropped: their money stays on the bill."""
        ledger = self.of(run)
        ledger.answered.add_sums(sums, answers, sign=-1)
        ledger.dropped.add_sums(sums, answers)

    def totals(self, failures: Mapping[str, int]) -> Totals:
        """Of all runs; `failures` are the dead letters that are there now."""
        runs = [each.totals() for each in self.runs.values()]
        faults: dict[str, int] = {}
        for each in runs:
            for reason, count in each.faults.items():
                faults[reason] = faults.get(reason, 0) + count
        nothing = Spent()
        return Totals(
            sum(each.calls for each in runs),
            sum((each.answered for each in runs), nothing),
            sum((each.rejected for each in runs), nothing),
            sum((each.dropped for each in runs), nothing),
            sum((each.maybe for each in runs), nothing),
            sum((each.lost for each in runs), nothing),
            faults,
            failures,
        )

    def frozen_runs(self) -> tuple[Run, ...]:
        runs = (
            Run(each.id, each.at, each.ended, each.totals(), each.recipe, each.wanted) for each in self.runs.values()
        )
        return tuple(run for run in runs if run.id or run.totals != Totals())
