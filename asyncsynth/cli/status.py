"""`asyncsynth status`: what is there, and the ledger of each run and over all runs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Annotated

import typer

from asyncsynth.app.load import directory_of
from asyncsynth.app.newest import newest
from asyncsynth.app.status import status as status_of
from asyncsynth.cli.console import say
from asyncsynth.cli.figures import figures
from asyncsynth.cli.funnel import of_gates
from asyncsynth.cli.options import DEFAULT_CONFIG, ConfigFile, OutputDirectory, Settings
from asyncsynth.costs import usd
from asyncsynth.store.totals import Run, Spent, Totals
from asyncsynth.text import count, money
from asyncsynth.values import Call

CALLS_SHOWN = 20


def status(
    config: ConfigFile = DEFAULT_CONFIG,
    output: OutputDirectory = None,
    settings: Settings = None,
    all_calls: Annotated[
        bool, typer.Option("--all-calls", help="List every lost call, not only the first ones.")
    ] = False,
) -> None:
    """Show samples, failures by reason, tokens and money by run and in all, and lost calls that may be on the bill."""
    there = status_of(directory_of(config, settings, output=output))
    totals, runs = there.totals, there.runs
    if not there.directory.is_dir():
        say(f"{there.directory}: there is no such directory yet")
    given_up = totals.given_up(there.rejected)
    say(
        f"{there.directory}: {count(there.records, 'record')} from {count(totals.answers, 'answer')}, "
        f"{count(given_up.total(), 'dead letter')}"
    )
    for reason, number in given_up.most_common():
        say(f"  {reason}: {number:,}")
    say()
    say(f"{count(totals.calls, 'call')} in all")
    _say_ledger(totals)
    _say_steps(there.by_step)
    for line in of_gates(there.funnel, several=bool(there.by_step)):
        say(line)
    _say_runs(runs, at_work=runs[-1].id if there.working and runs else None)
    if (found := newest(there.directory)) is not None:
        say()
        for line in figures(found):
            say(line)
    if there.under_way:
        say(f"\n{count(len(there.under_way), 'call')} under way")
    _say_lost(there.lost, CALLS_SHOWN if not all_calls else len(there.lost))


def _say_ledger(totals: Totals, indent: str = "") -> None:
    paid = [
        ("paid, the answer is there", totals.answered),
        ("paid, no usable answer", totals.rejected),
        ("paid, dropped since", totals.dropped),
    ]
    for name, spent in paid:
        if spent.calls or spent is totals.answered:
            tokens = f"{spent.prompt_tokens:,} + {spent.completion_tokens:,} tokens"
            say(f"{indent}  {name:<32} {count(spent.calls, 'call')}, {tokens}, {_money(spent)}")
    # Nobody knows the tokens of these; the money is their worst case.
    for name, spent in [
        ("possibly billed, no answer", totals.maybe),
        ("possibly billed, lost", totals.lost),
    ]:
        if spent.calls:
            say(f"{indent}  {name:<32} {count(spent.calls, 'call')}, {_money(spent, 'at most ')}")


def _say_steps(by_step: Mapping[str, Spent]) -> None:
    """What is there of each step, where there are several."""
    if by_step:
        say("\nanswers by step")
    for name, spent in by_step.items():
        tokens = f"{spent.prompt_tokens:,} + {spent.completion_tokens:,} tokens"
        say(f"  {name:<32} {count(spent.calls, 'answer')}, {tokens}, {_money(spent)}")


def _money(spent: Spent, prefix: str = "") -> str:
    if 0 < spent.calls == spent.unknown:
        return money(None)
    unpriced = f" and {spent.unknown:,} of unknown price" if spent.unknown else ""
    return f"{prefix}{money(usd(spent.picodollars))}{unpriced}"


def _say_runs(runs: tuple[Run, ...], at_work: int | None) -> None:
    say(f"\n{count(len(runs), 'run')}")
    for run in runs:
        began = time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime(run.at))
        how = run.ended or ("still at work" if run.id == at_work else "cut off")
        say(f"  {run.id}  {began}  {how}: {count(run.totals.calls, 'call')}")
        _say_ledger(run.totals, indent="   ")


def _say_lost(lost: tuple[Call, ...], shown: int) -> None:
    if not lost:
        return
    say(f"\n{count(len(lost), 'call')} cut off before the answer was kept; the provider may have billed them:")
    for call in lost[:shown]:
        sent = time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime(call.sent_at))
        worst = "price unknown" if call.reserve is None else f"at most {money(usd(call.reserve))}"
        say(f"  {call.key}  attempt {call.attempt}  sent {sent}  {worst}")
    if len(lost) > shown:
        say(f"  and {len(lost) - shown:,} more (--all-calls)")
