"""The promises of CONTRIBUTING.md, checked after each process and at the end of the world."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator

from asyncsynth.app.outside import Outside
from asyncsynth.app.status import status
from asyncsynth.costs import PICODOLLARS_PER_USD, Price
from asyncsynth.recipe.recipe import Recipe
from asyncsynth.servers.simulator.faults import FaultKind
from asyncsynth.store.snapshot import read_store
from asyncsynth.store.totals import Spent, Totals
from asyncsynth.values import Usage
from tests.simulation.books import Became, Books, Entry, lines_of, read_books
from tests.simulation.files import ProcessFiles
from tests.simulation.model import Model
from tests.simulation.models import model_of
from tests.simulation.service import SentCall, refusals_of_our_pace
from tests.simulation.views import check_views
from tests.simulation.wish import DIRECTORY
from tests.simulation.world import Report, World, promise

AT_ONCE_S = 0.001  # of virtual time: a few turns of the loop
MINUTE_S = 60.0
ENDS = ("complete", "interrupted", "spend_cap", "stopped")  # of a process that was neither killed nor failed


def check_process(world: World, report: Report) -> None:
    """What must hold whenever a process has ended."""
    promise(not report.complaints, "9: nothing goes wrong unseen", report.complaints)
    amiss = [note for note in report.notes if "not there" in note]
    promise(not amiss, "2: a manifest is never lost", amiss)
    _check_slots(world, report)
    _check_lost(world, report)
    _check_no_sends_after_an_end(world, report)
    _check_spend_cap(world, report)
    _check_asked(world, report)
    if report.how in ENDS:
        books = read_books(world.disk)
        check_views(world.disk, _model(world, report), books)
        _check_status(world)
        _check_all_kept(world, report, books)
        _check_kept_through(world, books)
        _check_gate_and_ledger(world, report)
    elif report.how == "store_failed" and report.run is not None:
        read_books(world.disk)  # a disk that fails tears no line


def _model(world: World, report: Report) -> Model:
    return model_of(report.wish, world.job_of(report))


def _calls_of(world: World, report: Report) -> list[SentCall]:
    return [call for call in world.service.calls if call.run == report.run]


def _check_slots(world: World, report: Report) -> None:
    for place, target in enumerate(world.job_of(report).targets):
        slots, most = target.limits.concurrency, report.most_in_flight.get(place, 0)
        promise(slots == "auto" or most <= slots, "7: no more calls in flight than the concurrency", (place, most))


def _check_lost(world: World, report: Report) -> None:
    """What an open finds lost was cut off since the last open that was not: at most `concurrency` by a kill."""
    culprits: list[Report] = []
    for before in reversed(world.reports[:-1]):
        culprits.append(before)
        if before.inventory is not None:
            break
    lost, slots = len(report.newly_lost), world.slots_of(report)
    if all(one.how in ENDS for one in culprits):
        promise(lost == 0, "1: only a kill loses calls", report.newly_lost)
    elif not any(one.how == "power_cut" or one.power_failed_after for one in culprits) and slots is not None:
        promise(lost <= slots, "1: a kill costs at most `concurrency` calls", lost)


def _check_no_sends_after_an_end(world: World, report: Report) -> None:
    for which, at in (
        ("8: a drain sends nothing new", report.drained_at),
        ("5: a disk that fails ends the spending", report.failed_at),
        ("6: what stops the run stops it at once", report.stopped_at if len(world.scenario.services) == 1 else None),
    ):
        if at is not None and report.run is not None:
            late = [call for call in _calls_of(world, report) if call.sent_at > at + AT_ONCE_S]
            promise(not late, which, late[:3])


def _check_all_kept(world: World, report: Report, books: Books) -> None:
    """Each answer that the process was given is in the files."""
    given = {call for call in world.service.answers if call[0] == report.run}
    kept = {call for call, entry in books.entries.items() if entry.became == "answered"}
    promise(given <= kept, "1 and 8: every answer received is kept", given - kept)
    without_end = {call for call, entry in books.entries.items() if entry.became == "open"}
    promise(not without_end, "10: every call has its end", without_end)
    signals = sum(one.cancelled_at is not None or one.how == "store_failed" for one in world.reports)
    if (slots := world.slots_of(report)) is not None:
        most = signals * slots
        promise(books.faults["interrupted"] <= most, "8: only a second signal cuts off calls", books.faults)
    if report.how == "complete" and report.inventory is not None:
        _check_complete(world, report, books)


def _check_complete(world: World, report: Report, books: Books) -> None:
    """What was to be made is made, and the recipe has as many samples with an end as it and its limit ask for."""
    found, recipe = report.inventory, world.job_of(report).recipe
    assert found is not None
    told = (report.ended_samples, report.ends)
    ended, made = _model(world, report).ended(books), _model(world, report).made(books)
    wanted = min(recipe.limit or recipe.total, recipe.total)
    if accepted := world.job_of(report).config.combinations.accepted:
        what = made, ended, found
        promise(made >= accepted or ended >= wanted, "9: as many samples pass as are asked for", what)
        promise(made <= max(found.there, accepted), "9: no more samples are made than are to pass", what)
        promise(not recipe.limit or ended <= max(wanted, found.there + found.dead), "9: the limit is kept", what)
        return
    if isinstance(recipe, Recipe):
        promise(told == (found.to_make, found.requests), "9: what was to be made has its end", (told, found))
    else:  # how often steps are asked nobody knows before
        promise(told[0] == found.to_make, "9: what was to be made has its end", (told, found))
    promise(ended >= wanted, "9: every sample ends as a record or a dead letter", (ended, wanted))
    promise(ended == found.there + found.dead + found.to_make, "9: the limit is kept", (ended, found))


def _check_asked(world: World, report: Report) -> None:
    """Only what is missing is asked for: what the recipe, its names or its templates changed costs no call."""
    asked = {call.key for call in _calls_of(world, report)} if report.run is not None else set()
    there = asked & report.had_end
    promise(not there, "3: only what is missing is asked for", there)
    if report.how in ENDS:
        foreign = asked - _model(world, report).may_be_asked(read_books(world.disk))
        promise(not foreign, "3: only what the recipe needs is asked for", foreign)
    if report.inventory is not None and isinstance(world.job_of(report).recipe, Recipe):
        most = report.inventory.requests
        promise(len(asked) <= most, "3: no more is asked for than was said", (len(asked), most))


def _check_status(world: World) -> None:
    """It counts the lines of the views."""
    outside = Outside(files=ProcessFiles(world.disk, world.rng, lambda: world.now, lambda _: None, None))
    told = status(DIRECTORY, outside=outside)
    there = len(lines_of(world.disk, "records.jsonl")), len(lines_of(world.disk, "failures.jsonl"))
    promise((told.records, told.failures) == there, "status counts records and failures", (told, there))


def _check_kept_through(world: World, books: Books) -> None:
    """After a restart: what was written before a crash is there, but for the last group before a power cut."""
    kept = books.ever
    exposed = {id(report) for _, report in _exposed(world)}
    for report in world.reports:
        until = report.ended - world.slack_s if id(report) in exposed else math.inf
        gone = [key for key, at in report.made_at.items() if at < until and key not in kept]
        promise(not gone, "1 and 2: an answer survives a kill, and a power cut but for the last group", gone)


def _check_gate_and_ledger(world: World, report: Report) -> None:
    """What the gate counted against the cap is what the files tell: the next run begins with that."""
    if report.run is None or report.cancelled_at is not None:  # who is cut off tells the files, not the gate
        return
    totals = _totals(world)
    ledger = totals.paid.picodollars + totals.uncertain.picodollars
    promise(report.cap_spent == ledger, "11: the gate counts what the ledger tells", (report.cap_spent, ledger))
    promise(report.cap_set_aside == 0, "11: every reserve is settled", report.cap_set_aside)


def _exposed(world: World) -> Iterator[tuple[Report, Report]]:
    """(power cut, process whose last group it may have cost): its own, or one whose files nobody had synced since.

    A process that came to an end of its own has synced everything: a power cut behind it costs nothing.
    """
    for place, cut in enumerate(world.reports):
        if cut.how != "power_cut" and not (cut.power_failed_after and cut.how not in ENDS):
            continue
        yield cut, cut
        for before in reversed(world.reports[:place] if cut.run is None else []):
            if before.how not in ENDS:
                yield cut, before
            if before.run is not None:
                break


def _check_spend_cap(world: World, report: Report) -> None:
    """Never passed, but for calls that a power cut wiped out of the books; and used where there was more to do.

    A run stops when the worst case of the next call doesn't fit, so less than one worst case stays unused.
    """
    if report.limits.max_cost_usd is None:
        return
    cap = round(report.limits.max_cost_usd * PICODOLLARS_PER_USD)
    excused = sum(call.cost for call in _unlisted(world))
    promise(world.service.bill - excused <= cap, "11: max_cost_usd is never exceeded", (world.service.bill, cap))
    if report.how != "spend_cap":
        return
    totals = _totals(world)
    spent = totals.paid.picodollars + totals.uncertain.picodollars
    worst = _worst_case(world, report)
    # What a power cut took out of the books comes back as lost, at its worst case.
    promise(spent <= cap or bool(world.power_cuts), "11: the ledger is below the cap too", (spent, cap))
    promise(spent + worst > cap, "11: all of the cap is used, but for one worst case", (spent, worst, cap))
    if worst <= 0.05 * cap and not totals.uncertain.calls:
        promise(world.service.bill >= 0.95 * cap, "11: 95% of the cap is used", (world.service.bill, cap))


def _worst_case(world: World, report: Report) -> int:
    """Of the dearest request; the rule is pace/reserve's, written out."""
    price, max_tokens = world.scenario.setting.price, world.scenario.setting.max_tokens
    assert price is not None
    assert max_tokens is not None
    size = _model(world, report).largest_request(read_books(world.disk))
    return price.cost(Usage(size + 64, max_tokens))


def _unlisted(world: World) -> list[SentCall]:
    """Calls that may be missing in the books: noted, and sent, shortly before a power cut."""
    since = {report.run: report.ended - world.slack_s for _, report in _exposed(world) if report.run is not None}
    return [call for call in world.service.calls if call.run in since and call.sent_at >= since[call.run]]


def check_end(world: World) -> None:
    """What must hold when all is done."""
    books = read_books(world.disk)
    _check_ledger(world, books)
    _check_totals(_totals(world), books)
    reasons = {letter["reason"] for letter in books.dead.values()}
    promise("rate_limited" not in reasons, "6: a storm of 429s drops nothing", books.dead)
    _check_not_paid_twice(world, books)
    if world.scenario.paced and not world.power_cuts:
        _check_pace(world)


def _check_ledger(world: World, books: Books) -> None:
    """Each call that the provider billed is in the books, to the token; each certain entry was billed."""
    excused = {(call.run, call.key, call.attempt) for call in _unlisted(world)}
    bill = {(call.run, call.key, call.attempt): call for call in world.service.calls}
    for which, call in bill.items():
        entry = books.entries.get(which)
        if entry is not None and entry.became in ("answered", "dropped", "rejected"):
            promise(call.billed, "10: what is in the ledger was billed", (which, entry))
            _check_amount(world.scenario.setting.price, which, call, entry)
        elif call.billed:
            listed = entry is not None and entry.became in ("maybe", "lost")
            promise(listed or which in excused, "10: what was billed is in the ledger", (which, entry, call))
            if entry is not None and entry.cost is not None and listed:
                promise(entry.cost >= call.cost, "10: what is uncertain stands at its worst case", (which, entry, call))
    promise(books.entries.keys() <= bill.keys() | _never_sent(books), "10: the ledger names only calls that were made")


def _never_sent(books: Books) -> set[tuple[int, str, int]]:
    """A call is noted before it is sent; a kill or a signal in between leaves it as possible."""
    return {which for which, entry in books.entries.items() if entry.became in ("lost", "maybe")}


def _check_amount(price: Price | None, which: object, call: SentCall, entry: Entry) -> None:
    assert call.plan is not None
    if call.plan.fault is FaultKind.USAGE_MISSING:
        promise(entry.estimated or entry.became == "rejected", "10: an estimate says that it is one", entry)
        return
    tokens = call.plan.prompt_tokens, call.plan.completion_tokens
    cost = None if price is None else tokens[0] * price.input + tokens[1] * price.output
    promise(tokens == (entry.prompt_tokens, entry.completion_tokens), "10: to the token", (which, entry, tokens))
    promise(entry.cost == cost, "10: to the picodollar", (which, entry, cost))


def _check_totals(totals: Totals, books: Books) -> None:
    """What `status` says is what the lines say."""
    kinds: dict[Became, Spent] = {
        "answered": totals.answered,
        "dropped": totals.dropped,
        "rejected": totals.rejected,
        "maybe": totals.maybe,
        "lost": totals.lost,
    }
    for became, said in kinds.items():
        found = _sum(books.of(became))
        promise(said == found, f"10: status tells what was {became}", (said, found))


def _sum(entries: Iterable[Entry]) -> Spent:
    total = Spent()
    for entry in entries:
        unknown = int(entry.cost is None)
        total += Spent(1, entry.prompt_tokens, entry.completion_tokens, entry.cost or 0, unknown)
    return total


def _totals(world: World) -> Totals:
    files = ProcessFiles(world.disk, world.rng, lambda: world.now, lambda _: None, None)
    return read_store(DIRECTORY, files=files).totals


def _check_not_paid_twice(world: World, books: Books) -> None:
    """What has its answer is not asked for again, unless somebody dropped it."""
    last: dict[str, tuple[int, int]] = {}
    for call in world.service.calls:
        last[call.key] = call.run, call.attempt
    for (run, key, attempt), entry in books.entries.items():
        if entry.became == "answered":
            promise(last[key] == (run, attempt), "3: what is there is not asked for again", (key, last[key]))


def _check_pace(world: World) -> None:
    """No provider refused anything for our own pace, and no sliding minute held more than its limits."""
    refused = refusals_of_our_pace(world.service)
    promise(not refused, "7: no refusal at our own pace", refused[:2])
    for place, target in enumerate(world.job().targets):
        limit = target.limits.requests_per_minute
        arrived = [call for call in world.service.calls if call.endpoint == place and call.plan is not None]
        minute: deque[float] = deque()
        for at in sorted(call.arrived_at for call in arrived):
            minute.append(at)
            while minute[0] <= at - MINUTE_S:
                minute.popleft()
            kept = limit is None or len(minute) <= limit
            promise(kept, "7: requests per minute in any sliding window", (place, at, len(minute)))


def check_note(world: World, report: Report, *, edited: bool) -> None:
    """A view that somebody edited is made anew with a note (a drop or retry may have seen it), and nothing else is."""
    if report.inventory is None:
        return
    before = [one for one in world.reports[:-1] if one.inventory is not None][-1:]
    between = world.reports[world.reports.index(before[0]) if before else 0 : -1]
    crashed = any(one.how not in ENDS or one.power_failed_after for one in between)
    same = bool(before) and before[0].wish == report.wish
    seen = report.mishap.drops or report.mishap.retries
    if edited and same and not crashed and not seen:
        promise(bool(report.note), "3: a view that was edited is made anew, with a note", report)
    promise(edited or crashed or not report.note, "3: nothing is noted where nothing happened", report)
