"""Promise 3: every bit of every file of the store, flipped one at a time, is noticed or harmless; none is silent.

noticed   the next open refuses (exit 5), or says what it has repaired
harmless  answers, dead letters, ledger and views are as they would have been without it
silent    anything else: an answer that is lost or bought again, or a record that is wrong, without a word
"""

from __future__ import annotations

import gc
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from asyncsynth.errors import StoreError
from asyncsynth.store.store import Store, open_store
from tests.engine.fake_recipe import FakeRecipe, key_of
from tests.engine.life import open_fresh, run, views_in
from tests.store.memory import HERE, MemoryFiles

RECIPE = FakeRecipe("abcd", unrendered=[1])
VIEWS = ("records.jsonl", "failures.jsonl")
FILES = ("answers.jsonl", "manifest.jsonl", *VIEWS)


@pytest.fixture(autouse=True)
def _collections_are_rare() -> Iterator[None]:
    """A look makes much and keeps nothing: garbage collections are a quarter of its time."""
    usual = gc.get_threshold()
    gc.set_threshold(100_000, *usual[1:])
    yield
    gc.set_threshold(*usual)


def complete() -> MemoryFiles:
    """A run that has ended, then a drop, a retry, and a run that made one of both anew."""
    files = MemoryFiles()
    run(HERE, FakeRecipe("abcd", unrendered=[1], limit=3), files=files, refused="c")
    with open_store(HERE, now=lambda: 2000.0, files=files) as store:
        store.drop([key_of("a")])
        store.retry()
    run(HERE, RECIPE, files=files, refused="d")
    return files


def killed() -> MemoryFiles:
    """A run that was killed: of its answers no line of the manifest tells, and one call has no end."""
    files = MemoryFiles()
    run(HERE, FakeRecipe("abcd", unrendered=[1], limit=1), files=files)
    run(HERE, RECIPE, files=files)
    lines = files["manifest.jsonl"].splitlines(keepends=True)
    begin = max(number for number, line in enumerate(lines) if b'"type":"run"' in line)
    calls = [line for line in lines[begin:] if b'"type":"calls"' in line]
    files["manifest.jsonl"] = b"".join([*lines[: begin + 1], *calls])
    files["answers.jsonl"] = b"".join(files["answers.jsonl"].splitlines(keepends=True)[:-1])
    return files


@dataclass(frozen=True)
class Told:
    """All that the next run goes by, and what a user loads."""

    state: dict[str, Any]
    views: tuple[list[str], list[str]]
    said: bool


def look(files: MemoryFiles) -> Told:
    store, refreshed = open_fresh(HERE, RECIPE, files)
    said = bool(store.recovered or refreshed.note)
    told = Told(state_of(store), views_in(files["records.jsonl"], files["failures.jsonl"]), said)
    store.close()
    return told


def look_or_refusal(files: MemoryFiles) -> Told | StoreError:
    try:
        return look(files)
    except StoreError as refusal:
        return refusal


def state_of(store: Store) -> dict[str, Any]:
    keys = list(map(key_of, RECIPE.asks))
    return {
        "answered": [key in store.answered for key in keys],
        "generations": [store.generation(key) for key in keys],
        "dead": store.dead,
        "totals": store.totals,
        "runs": store.runs,
        "lost": store.newly_lost,
        "facts": store.last_facts,
        "ended": store.ended(RECIPE.order),
        "recent": store.recent_calls(0.0),
    }


def outcome(files: MemoryFiles, name: str, bit: int, right: Told) -> str:
    disk = files.after_kill()
    disk.names[HERE / name].data[bit // 8] ^= 1 << bit % 8
    flipped = {each: disk[each] for each in FILES}
    told = look_or_refusal(disk)
    if isinstance(told, StoreError):
        assert told.hint
        assert {each: disk[each] for each in FILES} == flipped, "something was changed though it was refused"
        return "noticed"
    if (told.state, told.views) == (right.state, right.views):
        return "noticed" if told.said and not right.said else "harmless"
    return "noticed" if told.said and not right.said else "silent"


def table(files: MemoryFiles, name: str, bits: Iterable[int]) -> Counter[str]:
    right = look(files.after_kill())
    counts = Counter({"flips": 0, "noticed": 0, "harmless": 0, "silent": 0})
    for bit in bits:
        found = outcome(files, name, bit, right)
        assert found != "silent", f"bit {bit % 8} of byte {bit // 8} of {name}"
        counts.update(["flips", found])
    return counts


def some_bits(data: bytes) -> list[int]:
    """Every 41st, and all of the last line's end and of the first line's beginning."""
    last = 8 * len(data)
    return sorted({*range(0, last, 41), *range(min(last, 80)), *range(max(0, last - 120), last)})


LIVES = [complete, killed]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("life", LIVES)
def test_some_flipped_bits_are_noticed_or_harmless(life: Callable[[], MemoryFiles], name: str) -> None:
    files = life()
    counts = table(files, name, some_bits(files[name]))
    assert counts["flips"] == len(some_bits(files[name]))
    assert counts["noticed"] > 0 or name in VIEWS  # what is behind their mark is cut off in any case


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("life", LIVES)
def test_every_flipped_bit_is_noticed_or_harmless(life: Callable[[], MemoryFiles], name: str) -> None:
    files = life()
    counts = table(files, name, range(8 * len(files[name])))
    sys.stdout.write(f"\n{life.__name__:9} {name:15} {json.dumps(counts)}\n")
