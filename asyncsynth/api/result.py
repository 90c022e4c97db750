"""What came of a run, for scripts: plain numbers, and the error that ended it early."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from asyncsynth.app.run import Outcome
from asyncsynth.costs import usd
from asyncsynth.errors import AsyncsynthError
from asyncsynth.text import count, money


@dataclass(frozen=True, slots=True)
class Result:
    """Counts of samples, unless they say otherwise.

    `made` records this run added, `reused` were there before, `dead` have no record and are not tried again by
    themselves, `missing` are still to be made. `cost_usd` is what all runs in this directory were billed for certain
    (None: some price is unknown); `possible_usd` may have been billed beside it. `stopped_by` is None where everything
    that could be made was made, else SpendCapReached, Collapsed or Interrupted.
    """

    directory: Path
    made: int
    reused: int
    dead: int
    missing: int
    calls: int
    truncated: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None
    possible_usd: float
    stopped_by: AsyncsynthError | None

    @property
    def records(self) -> Path:
        """The file that a trainer loads."""
        return self.directory / "records.jsonl"

    def __str__(self) -> str:
        end = f"; stopped: {self.stopped_by}" if self.stopped_by is not None else ""
        return (
            f"{self.directory}: {count(self.made, 'record')} made, {self.reused:,} reused, {self.dead:,} dead, "
            f"{self.missing:,} missing; {money(self.cost_usd)} over all runs{end}"
        )


def result_of(outcome: Outcome, stopped_by: AsyncsynthError | None) -> Result:
    """The result of a run that has ended."""
    inventory, tally, totals = outcome.inventory, outcome.tally, outcome.totals
    return Result(
        outcome.directory,
        made=tally.made,
        reused=inventory.there,
        dead=outcome.failures,
        missing=max(0, tally.to_make - tally.ended),
        calls=tally.calls,
        truncated=tally.truncated,
        prompt_tokens=tally.prompt_tokens,
        completion_tokens=tally.completion_tokens,
        cost_usd=usd(totals.paid.picodollars) if totals.cost_known else None,
        possible_usd=usd(totals.uncertain.picodollars),
        stopped_by=stopped_by,
    )
