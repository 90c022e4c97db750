"""What must hold when a run has opened its directory: views, counts, refusals; reckoned here from the files alone."""

from __future__ import annotations

import re
from typing import Any

import orjson

from asyncsynth.app.job import Job
from asyncsynth.app.plan import Plan
from asyncsynth.app.run import Run
from asyncsynth.engine.inventory import Inventory
from asyncsynth.errors import RecipeChanged
from tests.simulation.books import Books, lines_of, read_books
from tests.simulation.models import model_of
from tests.simulation.views import check_views
from tests.simulation.wish import Wanted
from tests.simulation.world import Report, World, promise


def check_opened(world: World, report: Report, run: Run, planned: Plan) -> None:
    """Notes what was found in the report."""
    model, books = model_of(report.wish, run.job), read_books(world.disk)
    report.inventory = run.inventory
    report.newly_lost, report.notes, report.note = run.newly_lost, run.recovered, run.refreshed.note
    report.had_end = frozenset(books.answers.keys() | books.dead.keys())
    promise(
        _numbers(planned.inventory) == _numbers(run.inventory), "plan says what run finds", (planned, run.inventory)
    )
    wanted, inventory = model.counts(books), run.inventory
    found = (inventory.there, inventory.dead, inventory.to_make, inventory.requests, inventory.left)
    promise(found == wanted, "there, dead, to make, requests, left are counted right", (found, wanted))
    check_views(world.disk, model, books)
    check_outcome(world, run)


def check_outcome(world: World, run: Run) -> None:
    """It counts what is in the files."""
    outcome, failures = run.outcome(), lines_of(world.disk, "failures.jsonl")
    unrendered = sum(failure["reason"] == "record_template" for failure in failures)
    told = outcome.records, outcome.failures, outcome.unrendered
    there = len(lines_of(world.disk, "records.jsonl")), len(failures), unrendered
    promise(told == there, "the outcome of a run counts records and failures", (told, there))


def _numbers(inventory: Inventory) -> tuple[int, ...]:
    return (
        inventory.there, inventory.dead, inventory.to_make, inventory.requests, inventory.left, inventory.newly_left,
    )  # fmt: skip


def check_refusal(world: World, run: Run, refusal: RecipeChanged | None, shown: str) -> None:
    """Refused where paid answers would be left behind and others bought; with the numbers that then arise.

    `shown`: the order of the recipe that the views were made by before.
    """
    books, inventory = read_books(world.disk), run.inventory
    left = _newly_left(world, run, books, shown)
    refused = bool(left and inventory.to_make)
    promise((refusal is not None) == refused, "a changed recipe is refused, and no other", (refusal, left, inventory))
    if refusal is None:
        return
    numbers = re.search(r"([\d,]+) paid answers? would be left .*?([\d,]+) others? bought", refusal.message, re.DOTALL)
    assert numbers is not None, refusal.message
    told = tuple(int(number.replace(",", "")) for number in numbers.groups())
    promise(told == (left, inventory.requests), "a refusal names what then arises", (refusal.message, left, inventory))


def _newly_left(world: World, run: Run, books: Books, shown: str) -> int:
    """Answers that belonged to the recipe of the newest run and do not belong to this one.

    What a changed file had before is known by the views alone: by the recipe that they were made by, also where the
    process that made them came no further.
    """
    if books.last_facts is None:
        return 0
    reports = list(reversed(world.reports))
    before = next(each.wish for each in reports if _facts(world.job_of_wish(each.wish)) == books.last_facts)
    if _sources(before) != _sources(world.wish):
        before = next((each.wish for each in reports if world.job_of_wish(each.wish).recipe.order == shown), before)
    belonged = model_of(before, world.job_of_wish(before)).belonging(books)
    return len(belonged - model_of(world.wish, run.job).belonging(books))


def _sources(wish: Wanted) -> dict[str, Any]:
    """The axes that stand in files, by what their files are called, which is what they have."""
    return {name: axis for name, axis in wish.sections()["axes"].items() if isinstance(axis, dict) and "lines" in axis}


def _facts(job: Job) -> Any:
    return orjson.loads(orjson.dumps(job.recipe.facts()))
