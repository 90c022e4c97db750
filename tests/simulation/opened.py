"""What must hold when a run has opened its directory: views, counts, refusals; reckoned here from the files alone."""

from __future__ import annotations

import re
from collections.abc import Mapping

from asyncsynth.app.plan import Plan
from asyncsynth.app.run import Run
from asyncsynth.engine.inventory import Inventory
from asyncsynth.errors import RecipeChanged
from asyncsynth.recipe.recipe import Recipe
from tests.app.jobs import one_step
from tests.simulation.books import Books, lines_of, read_books
from tests.simulation.views import check_views
from tests.simulation.world import Report, World, promise


def check_opened(world: World, report: Report, run: Run, planned: Plan) -> None:
    """Notes what was found in the report."""
    recipe, books = one_step(run.job), read_books(world.disk)
    report.inventory = run.inventory
    report.newly_lost, report.notes, report.note = run.newly_lost, run.recovered, run.refreshed.note
    report.missing = frozenset(
        sample.key for sample in recipe.samples() if sample.key not in books.answers and sample.key not in books.dead
    )
    promise(
        _numbers(planned.inventory) == _numbers(run.inventory), "plan says what run finds", (planned, run.inventory)
    )
    _check_counts(recipe, books, run.inventory)
    check_views(world.disk, recipe, books)
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


def _check_counts(recipe: Recipe, books: Books, inventory: Inventory) -> None:
    keys = [sample.key for sample in recipe.samples()]
    there = sum(key in books.answers for key in keys)
    dead = sum(key not in books.answers and key in books.dead for key in keys)
    to_make, requests = _to_make(recipe, books, there + dead)
    left = len(books.answers.keys() - set(keys))
    wanted = (there, dead, to_make, requests, left)
    found = (inventory.there, inventory.dead, inventory.to_make, inventory.requests, inventory.left)
    promise(found == wanted, "there, dead, to make, requests, left are counted right", (found, wanted))


def _to_make(recipe: Recipe, books: Books, ended: int) -> tuple[int, int]:
    """Samples to make and requests for them: whoever asks what is asked anyway is made with it, whatever the limit."""
    sharing: dict[str, int] = {}
    for sample in recipe.samples():
        if sample.key not in books.answers and sample.key not in books.dead:
            sharing[sample.key] = sharing.get(sample.key, 0) + 1
    if not recipe.limit:
        return sum(sharing.values()), len(sharing)
    samples = requests = 0
    for of_key in sharing.values():
        if ended + samples >= recipe.limit:
            break
        samples, requests = samples + of_key, requests + 1
    return samples, requests


def check_refusal(world: World, run: Run, refusal: RecipeChanged | None) -> None:
    """Refused where paid answers would be left behind and others bought; with the numbers that then arise."""
    books, inventory = read_books(world.disk), run.inventory
    left = _newly_left(books.last_facts, one_step(run.job), books)
    refused = bool(left and inventory.to_make)
    promise((refusal is not None) == refused, "a changed recipe is refused, and no other", (refusal, left, inventory))
    if refusal is None:
        return
    numbers = re.search(r"([\d,]+) paid answers? would be left .*?([\d,]+) others? bought", refusal.message, re.DOTALL)
    assert numbers is not None, refusal.message
    told = tuple(int(number.replace(",", "")) for number in numbers.groups())
    promise(told == (left, inventory.requests), "a refusal names what then arises", (refusal.message, left, inventory))


def _newly_left(facts: Mapping[str, object] | None, recipe: Recipe, books: Books) -> int:
    if facts is None:
        return 0
    before, now = Recipe.of_facts(facts), {sample.key for sample in recipe.samples()}
    return len({sample.key for sample in before.samples()} & books.answers.keys() - now)
