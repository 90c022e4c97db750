"""The last words of a run: what is there, what it cost, where it is, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator

from asyncsynth.app.run import Outcome
from asyncsynth.costs import usd
from asyncsynth.store.totals import Totals
from asyncsynth.store.views import UNRENDERED
from asyncsynth.text import count, money


def summary(outcome: Outcome) -> Iterator[str]:
    """The lines of the summary."""
    inventory, tally, totals = outcome.inventory, outcome.tally, outcome.totals
    number = outcome.records
    there = f"{number:,} {'is' if number == 1 else 'are'} there"
    if not inventory.to_make:
        yield f"{there}, nothing to make; no call was sent."
    else:
        yield f"{there}: {inventory.there:,} reused, {tally.made:,} made in {count(tally.calls, 'call')}."
    if missing := tally.to_make - tally.ended:
        yield f"{count(missing, 'sample')} not made."
    if tally.truncated:
        were = "was" if tally.truncated == 1 else "were"
        yield (
            f"{tally.truncated:,} of {count(tally.answers, 'answer')} {were} cut off at max_tokens: "
            "raise it, or ask for less"
        )
    if tally.flags:
        flags = ", ".join(f"{number:,} {flag}" for flag, number in sorted(tally.flags.items()))
        yield f"flagged: {flags} (see `flags` in the records)"
    if outcome.newest is not None:
        from asyncsynth.cli.figures import figures  # noqa: PLC0415 - at the end of a long run only

        yield from figures(outcome.newest)
    if inventory.to_make:
        yield f"tokens: {tally.prompt_tokens:,} in, {tally.completion_tokens:,} out"
        if tally.estimated:
            yield f"        those of {count(tally.estimated, 'answer')} are estimated: the endpoint did not count them"
    yield f"money:  {bill(totals)} over all runs"
    if totals.uncertain.calls:
        yield f"        {count(totals.uncertain.calls, 'further call')} may have been billed (asyncsynth status)"
    yield from _steps(outcome)
    yield f"records:  {outcome.directory / 'records.jsonl'}"
    if outcome.failures:
        yield f"failures: {outcome.directory / 'failures.jsonl'} ({', '.join(_reasons(outcome))})"


def _steps(outcome: Outcome) -> Iterator[str]:
    if outcome.funnel:
        from asyncsynth.cli.funnel import funnel  # noqa: PLC0415 - most recipes have one step

        yield "steps, over all runs:"
        yield from (f"  {line}" for line in funnel(outcome.funnel))


def next_steps(outcome: Outcome) -> Iterator[str]:
    """What to do about samples without a record."""
    if dead := outcome.failures - outcome.unrendered:
        yield f"next: asyncsynth retry, then run again: it tries the {count(dead, 'dead letter')} once more"
    if outcome.unrendered:
        yield (
            f"next: correct [record], then run again; {count(outcome.unrendered, 'record')} can't be rendered, "
            "and the answers are there: no call will be sent for them"
        )


def _reasons(outcome: Outcome) -> Iterator[str]:
    reasons = outcome.totals.given_up(outcome.rejected)
    if outcome.unrendered:
        reasons[UNRENDERED] = outcome.unrendered
    return (f"{number:,} {reason}" for reason, number in sorted(reasons.items()))


def bill(totals: Totals) -> str:
    """What was paid for certain; unknown stays unknown."""
    paid = totals.paid
    if paid.unknown and paid.unknown == paid.calls:
        return money(None)
    rest = f" and {count(paid.unknown, 'call')} of unknown price" if paid.unknown else ""
    return f"{money(usd(paid.picodollars))}{rest}"
