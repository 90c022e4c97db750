"""The last words of a run: what is there, what it cost, where it is, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from asyncsynth.cli.console import count
from asyncsynth.cli.progress import money
from asyncsynth.engine.reuse import Reuse
from asyncsynth.engine.tally import Tally
from asyncsynth.store.ledger import Totals
from asyncsynth.values import usd


def summary(directory: Path, reuse: Reuse, tally: Tally, totals: Totals) -> Iterator[str]:
    """The lines of the summary; `totals` are over all runs, this one included."""
    number = reuse.reuse + tally.made
    there = f"{number:,} {'is' if number == 1 else 'are'} there"
    if not reuse.make:
        yield f"{there}, nothing to make; no call was sent."
    else:
        yield f"{there}: {reuse.reuse:,} reused, {tally.made:,} made in {count(tally.calls, 'call')}."
    if missing := tally.to_make - tally.ended:
        yield f"{count(missing, 'sample')} not made."
    if reuse.make:
        yield f"tokens: {tally.prompt_tokens:,} in, {tally.completion_tokens:,} out"
    yield f"money:  {bill(totals)} over all runs"
    if totals.uncertain.calls:
        yield f"        {count(totals.uncertain.calls, 'further call')} may have been billed (asyncsynth status)"
    yield f"records:  {directory / 'records.jsonl'}"
    dead = reuse.dead + tally.given_up
    if dead:
        reasons = ", ".join(f"{number:,} {reason}" for reason, number in sorted(totals.failures.items()))
        yield f"failures: {directory / 'failures.jsonl'} ({reasons})"


def bill(totals: Totals) -> str:
    """What was paid for certain; unknown stays unknown."""
    paid = totals.paid
    if paid.unknown and paid.unknown == paid.calls:
        return money(None)
    rest = f" and {count(paid.unknown, 'call')} of unknown price" if paid.unknown else ""
    return f"{money(usd(paid.picodollars))}{rest}"
