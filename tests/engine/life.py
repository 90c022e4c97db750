"""Runs of a fake recipe on a real store, as the pipeline makes them, but with answers at once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from asyncsynth.engine.inventory import take_inventory
from asyncsynth.engine.missing import missing
from asyncsynth.engine.refresh import Refreshed, refresh
from asyncsynth.engine.rows import Rows
from asyncsynth.errors import StoreWriteFailed, UsageError
from asyncsynth.store.contents import Contents
from asyncsynth.store.files import Files, OsFiles
from asyncsynth.store.store import Store, open_store
from asyncsynth.store.writer import Writer
from asyncsynth.values import (
    Action,
    Answer,
    Answered,
    Billing,
    Call,
    Failed,
    Fault,
    GivenUp,
    Request,
    Sample,
    Usage,
)
from tests.engine.fake_recipe import FakeRecipe

SLOTS = 2
REFUSED = Fault("refusal", Action.DEAD, Billing.YES, "it refused", 200, usage=Usage(5, 3))
UNASKED = Fault("request_template", Action.DEAD, Billing.NO, "can't be rendered")


@dataclass
class Seen:
    """What a run was told before it crashed."""

    started: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    dead: set[str] = field(default_factory=set)


async def at_once(work: Callable[[], None]) -> None:
    work()


async def make(store: Store, rows: Rows, requests: Iterator[Request | Sample | None], seen: Seen, refused: str) -> None:
    """SLOTS workers make what is missing; what the `refused` ask becomes dead letters."""
    writer = Writer(store, raw_log=False, sync=at_once)

    async def worker() -> None:
        for wanted in requests:
            if isinstance(wanted, Sample):
                writer.given_up(rows.given_up(GivenUp(wanted, 0, None, UNASKED, 0, 1000.0, ())))
            elif wanted is not None:
                await one(wanted, wanted.sample.key)

    async def one(request: Request, key: str) -> None:
        writer.started(Call(key, request.generation, 1, 1000.0, 300, 700))
        await writer.written()
        if str(request.sample.combination["ask"]) in refused:
            writer.failed(Failed(key, request.generation, 1, REFUSED, 8, 1000.0))
            writer.given_up(rows.given_up(GivenUp(request.sample, 0, request, REFUSED, 1, 1000.0, ())))
            await writer.written()
            seen.dead.add(key)
        else:
            seen.started.add(key)
            writer.answered(answer_to(request, rows))
            await writer.written()
            seen.answered.add(key)
            seen.started.discard(key)

    running = asyncio.create_task(writer.run())
    results = await asyncio.gather(*(worker() for _ in range(SLOTS)), return_exceptions=True)
    await asyncio.gather(running, *(() if any(results) else (writer.close(),)))


def answer_to(request: Request, rows: Rows) -> Answered:
    text = f"an answer to {request.text}"
    number = int(str(request.sample.combination["n"]))
    flags = ("lone_surrogate",) if number % 3 == 0 else ()
    answer = Answer(text, "stop", Usage(5, 7), "m", b"{}", flags)
    cost = None if number % 4 == 1 else 12
    return Answered(request, answer, cost, 1, 0.5, 1000.0, rows.answered(request.sample, text))


def open_fresh(directory: Path, recipe: FakeRecipe, files: Files | None = None) -> tuple[Store, Refreshed]:
    """The store as a run finds it, with its views brought up to date."""
    store = open_store(directory, now=lambda: 2000.0, files=files or OsFiles())
    try:
        return store, refresh(recipe, store, take_inventory(recipe, store, None))
    except StoreWriteFailed:
        store.close()
        raise


def run(
    directory: Path, recipe: FakeRecipe, *, files: Files | None = None, seen: Seen | None = None, refused: str = ""
) -> Refreshed:
    """A whole run."""
    with open_store(directory, now=lambda: 2000.0, files=files or OsFiles()) as store:
        inventory = take_inventory(recipe, store, None)
        refreshed = refresh(recipe, store, inventory)
        store.begin_run(recipe=recipe.fingerprint, order=recipe.order, facts={})
        requests = missing(recipe, store, inventory, noted_every=2)
        how = "failed"
        try:
            asyncio.run(make(store, Rows(recipe, inventory.twins), requests, seen or Seen(), refused))
            how = "complete"
        finally:
            store.end_run(how)
        return refreshed


Views = tuple[list[str], list[str]]


def views_in(records: bytes, failures: bytes) -> Views:
    """The lines of both views, in an order of their own."""
    return sorted(map(canonical, records.splitlines())), sorted(map(canonical, failures.splitlines()))


def canonical(line: bytes) -> str:
    return json.dumps(json.loads(line), sort_keys=True)


def rendered(answers: bytes, there: Contents, recipe: FakeRecipe) -> Views:
    """What both views must hold, told without the code that makes them."""
    newest = {answer["key"]: answer for answer in map(json.loads, answers.splitlines())}
    records, failures = [], []
    for sample in recipe.samples():
        head = {"key": sample.key, "combination": dict(sample.combination), "repeat": sample.repeat}
        if sample.key in there.answered:
            answer = newest[sample.key]
            try:
                fields = recipe.fields(sample, answer["text"])
            except UsageError as error:
                said: dict[str, Any] = {"reason": "record_template", "message": error.message, "status": None}
                said["step"], said["answer"] = None, answer["text"]
                failures.append({**head, **said, "attempts": 1, "created": answer["created"]})
            else:
                records.append({**head, **fields, **facts_of(answer)})
        elif (letter := there.dead.get(sample.key)) is not None:
            told: dict[str, Any] = {"reason": letter.reason, "message": letter.message, "status": letter.status}
            told["step"], told["answer"] = "completion", None
            failures.append({**head, **told, "attempts": letter.attempts, "created": letter.created})
    return sorted_lines(records), sorted_lines(failures)


def facts_of(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name not in ("text", "reasoning", "step", "take", "crc")}


def sorted_lines(values: Collection[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(value, sort_keys=True) for value in values)
