"""`asyncsynth status`: what is there, and the ledger of each run and over all runs."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from asyncsynth.app.load import load_config
from asyncsynth.app.store import looked_at
from asyncsynth.cli.console import count, say
from asyncsynth.cli.options import DEFAULT_CONFIG, ConfigFile, OutputDirectory, Settings
from asyncsynth.cli.progress import money
from asyncsynth.store.ledger import Run, Spent, Totals
from asyncsynth.values import Call, usd

CALLS_SHOWN = 20


def status(
    config: ConfigFile = DEFAULT_CONFIG,
    output: OutputDirectory = None,
    settings: Settings = None,
    all_calls: Annotated[bool, typer.Option("--all-calls", help="List every lost call.")] = False,
) -> None:
    """Show samples, failures by reason, tokens and money by run and in all, and calls possibly billed and lost."""
    loaded = load_config(config, settings, output=output)
    store = looked_at(loaded)
    totals = store.totals
    say(f"{loaded.output.directory}: {count(totals.records, 'record')}, {count(totals.dead, 'dead letter')}")
    for reason, number in sorted(totals.failures.items(), key=lambda one: -one[1]):
        say(f"  {reason}: {number:,}")
    say()
    say(f"{count(totals.calls, 'call')} in all")
    _say_ledger(totals)
    _say_runs(store.runs, at_work=store.runs[-1].id if store.running and store.runs else None)
    if store.under_way:
        say(f"\n{count(len(store.under_way), 'call')} under way")
    _say_lost(store.lost, CALLS_SHOWN if not all_calls else len(store.lost))


def _say_ledger(totals: Totals, indent: str = "") -> None:
    paid = [
        ("paid and recorded", totals.recorded),
        ("paid and rejected", totals.rejected),
        ("paid, taken out since", totals.removed),
    ]
    for name, spent in paid:
        if spent.calls or spent is totals.recorded:
            tokens = f"{spent.prompt_tokens:,} + {spent.completion_tokens:,} tokens"
            say(f"{indent}  {name:<32} {count(spent.calls, 'call')}, {tokens}, {_money(spent)}")
    # Nobody knows the tokens of these; the money is their worst case.
    for name, spent in [
        ("possibly billed, no record", totals.maybe),
        ("possibly billed, lost in a kill", totals.lost),
    ]:
        if spent.calls:
            say(f"{indent}  {name:<32} {count(spent.calls, 'call')}, {_money(spent, 'at most ')}")


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
    say(f"\n{count(len(lost), 'call')} cut off by a kill; the provider may have billed them:")
    for call in lost[:shown]:
        sent = time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime(call.sent_at))
        worst = "price unknown" if call.reserved is None else f"at most {money(usd(call.reserved))}"
        say(f"  {call.key}  attempt {call.attempt}  sent {sent}  {worst}")
    if len(lost) > shown:
        say(f"  and {len(lost) - shown:,} more (--all-calls)")
