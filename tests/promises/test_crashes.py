"""Promises 1 to 5: crashes at every call to the file system, in runs, drops and retries, on a disk in memory."""

from __future__ import annotations

import contextlib
import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asyncsynth.errors import StoreWriteFailed
from asyncsynth.store.snapshot import read_store
from asyncsynth.store.store import Store, open_store
from tests.cells import cells
from tests.engine.fake_recipe import FakeRecipe, key_of
from tests.engine.life import SLOTS, Seen, open_fresh, rendered, run, views_in
from tests.store.memory import HERE, Crash, MemoryFiles

ASKS = "abcdefghx"


@dataclass
class Life:
    """A run with a dead letter, a retry, a drop, and a second run by a changed recipe that makes what is missing."""

    first: FakeRecipe
    second: FakeRecipe
    refused: str
    dropped: str
    seen: Seen = field(default_factory=Seen)
    maybe_dropped: set[str] = field(default_factory=set)
    retried: bool = False

    def live(self, files: MemoryFiles) -> None:
        run(HERE, self.first, files=files, seen=self.seen, refused=self.refused)
        with open_store(HERE, now=lambda: 2100.0, files=files) as store:
            self.retried = True
            store.retry()
            self.maybe_dropped.update(map(key_of, self.dropped))
            store.drop(list(map(key_of, self.dropped)))
        self.seen.answered -= self.maybe_dropped
        self.maybe_dropped.clear()
        run(HERE, self.second, files=files, seen=self.seen)


def plain() -> Life:
    """Other prompts, two samples more, one less; a record that can't be rendered, a request that can't."""
    first = FakeRecipe("abcdefx", unrendered=[4], problems=[5])
    return Life(first, FakeRecipe("abcdefgh", prompt="{n}! ", problems=[5]), "bx", "cd")


def shared() -> Life:
    """Samples that share answers, dead letters and what was dropped; a limit that grows."""
    first = FakeRecipe("abacbadd", unrendered=[2], limit=5)
    return Life(first, FakeRecipe("abacbadd", unrendered=[2], limit=8), "b", "a")


def same() -> Life:
    """The same recipe again, whose views are completed."""
    recipe = FakeRecipe("abcdef", unrendered=[1])
    return Life(recipe, recipe, "ef", "ab")


LIVES = [plain, shared, same]


def calls_of(life: Callable[[], Life]) -> int:
    files = MemoryFiles()
    life().live(files)
    return files.calls


def crashed(life: Life, crash_at: int) -> MemoryFiles:
    files = MemoryFiles(crash_at)
    with pytest.raises((Crash, StoreWriteFailed)):
        life.live(files)
    return files


def views_are_right(disk: MemoryFiles, recipe: FakeRecipe) -> set[str]:
    """Opens and refreshes as the next run does; returns the keys that have their answer."""
    store, _ = open_fresh(HERE, recipe, disk)
    assert views_in(disk["records.jsonl"], disk["failures.jsonl"]) == rendered(disk["answers.jsonl"], store, recipe)
    store.close()
    return there_of(store)


def there_of(store: Store) -> set[str]:
    """The keys that have their answer; to iterate over `answered` takes longer than the rest of a life."""
    return {key for key in map(key_of, ASKS) if key in store.answered}


def finish(disk: MemoryFiles, recipe: FakeRecipe) -> None:
    """The next run makes what is missing; then all is there, once, and nothing is left to repair."""
    run(HERE, recipe, files=disk)
    with open_store(HERE, now=lambda: 3000.0, files=disk) as store:
        store.retry()
    run(HERE, recipe, files=disk)
    store, refreshed = open_fresh(HERE, recipe, disk)
    assert (store.recovered, store.newly_lost, refreshed.anew, refreshed.note) == ((), (), 0, "")
    askable = {key_of(ask) for number, ask in enumerate(recipe.asks) if number not in recipe.problems}
    assert there_of(store) >= askable or recipe.limit
    assert views_in(disk["records.jsonl"], disk["failures.jsonl"]) == rendered(disk["answers.jsonl"], store, recipe)
    assert read_store(HERE, files=disk).totals == store.totals
    assert Counter(bought(disk)).most_common(1)[0][1] == 1, "an answer was bought twice"
    store.close()


def bought(disk: MemoryFiles) -> list[tuple[str, int]]:
    answers = map(json.loads, disk["answers.jsonl"].splitlines())
    return [(answer["key"], answer["generation"]) for answer in answers]


@pytest.mark.parametrize("kind", LIVES)
def test_kill_at_every_call_loses_nothing_written_and_leaves_the_views_to_be_as_rendered_anew(
    kind: Callable[[], Life],
) -> None:
    for crash_at in range(calls_of(kind)):
        life = kind()
        files = crashed(life, crash_at)
        disk = files.after_kill()
        written = disk["answers.jsonl"] if HERE / "answers.jsonl" in disk.names else b""
        there = views_are_right(disk, life.second)
        assert disk["answers.jsonl"].startswith(written[: written.rfind(b"\n") + 1]), crash_at
        store = open_store(HERE, now=lambda: 2500.0, files=disk)
        assert there >= life.seen.answered - life.maybe_dropped, crash_at
        assert life.retried or set(store.dead) >= life.seen.dead, crash_at
        lost = {call.key for call in store.lost}
        assert lost | there | set(store.dead) >= life.seen.started, crash_at
        assert len(lost) <= SLOTS, crash_at
        store.close()
        finish(disk, life.second)


@pytest.mark.parametrize(("kind", "seed"), cells(LIVES, range(3), one_in=3))
def test_power_cut_at_every_call_loses_nothing_synced(kind: Callable[[], Life], seed: int) -> None:
    for crash_at in range(calls_of(kind)):
        life = kind()
        files = crashed(life, crash_at)
        synced = {path: inode.durable for path, inode in files.names.items()}.get(HERE / "answers.jsonl", b"")
        disk = files.after_power_cut(random.Random(seed * 1000 + crash_at))
        views_are_right(disk, life.second)
        if HERE / "answers.jsonl" in files.durable_names:
            assert disk["answers.jsonl"].startswith(synced), crash_at
        finish(disk, life.second)


@pytest.mark.parametrize("kind", LIVES)
def test_a_crash_while_the_next_run_repairs_changes_nothing_for_the_one_after(kind: Callable[[], Life]) -> None:
    for crash_at in range(0, calls_of(kind), 5):
        life = kind()
        found = crashed(life, crash_at)
        for second in range(0, 80, 3):
            disk = found.after_kill()
            disk.crash_at = second
            try:
                open_fresh(HERE, life.second, disk)[0].close()
            except (Crash, StoreWriteFailed):
                disk = disk.after_kill()
                there = views_are_right(disk, life.second)
                assert there >= life.seen.answered - life.maybe_dropped, (crash_at, second)
            else:
                break


@pytest.mark.parametrize("kind", LIVES)
def test_a_kill_gives_no_blame_to_somebody_else(kind: Callable[[], Life]) -> None:
    """The views are in doubt while they are replaced, and that is noted; only who edits them is told of it."""
    for crash_at in range(calls_of(kind)):
        life = kind()
        disk = crashed(life, crash_at).after_kill()
        for recipe in (life.first, life.second):
            store, refreshed = open_fresh(HERE, recipe, disk.after_kill())
            store.close()
            assert refreshed.note == "", crash_at


def test_a_drop_and_a_retry_append_to_the_manifest_and_leave_the_answers_alone() -> None:
    life, files = plain(), MemoryFiles()
    run(HERE, life.first, files=files, refused=life.refused)
    answers, manifest = files["answers.jsonl"], files["manifest.jsonl"]
    inode = files.names[HERE / "answers.jsonl"]
    with open_store(HERE, now=lambda: 2100.0, files=files) as store:
        assert store.drop([key_of("a"), key_of("c"), "0" * 32]) == 2
        assert store.retry() == 3
    assert files.names[HERE / "answers.jsonl"] is inode
    assert files["answers.jsonl"] == answers
    assert files["manifest.jsonl"].startswith(manifest)
    assert key_of("a").encode() not in files["records.jsonl"]
    views_are_right(files, life.first)


RECIPES = [
    FakeRecipe("abcdef"),
    FakeRecipe("abcdef", prompt="{n}! ", unrendered=[2]),
    FakeRecipe("fedcbagh", limit=4),
    FakeRecipe("abacbadd", unrendered=[3]),
    FakeRecipe("abacbadd", limit=3, prompt="{n}? "),
    FakeRecipe("gh", problems=[0]),
]


@dataclass(frozen=True)
class Step:
    """A run, a drop or a retry, that crashes at a call (None: it doesn't), in a kill or a power cut."""

    kind: str
    recipe: FakeRecipe
    asks: str
    crash_at: int | None
    power: bool
    seed: int

    def live(self, files: MemoryFiles) -> None:
        if self.kind == "run":
            run(HERE, self.recipe, files=files, refused=self.asks)
            return
        with open_store(HERE, now=lambda: 2100.0, files=files) as store:
            if self.kind == "drop":
                store.drop(list(map(key_of, self.asks)))
            else:
                store.retry()

    def __repr__(self) -> str:
        crash = "" if self.crash_at is None else f", {'power cut' if self.power else 'kill'} at {self.crash_at}"
        return f"{self.kind} {RECIPES.index(self.recipe)} {self.asks!r}{crash}"


steps = st.builds(
    Step,
    st.sampled_from(["run", "run", "run", "drop", "retry"]),
    st.sampled_from(RECIPES),
    st.text("abcg", max_size=2),
    st.none() | st.integers(0, 120),
    st.booleans(),
    st.integers(0, 1000),
)


@pytest.mark.slow
@settings(max_examples=2500)
@given(st.lists(steps, min_size=1, max_size=5), st.sampled_from(RECIPES))
def test_any_lives_with_any_crashes_leave_what_was_synced_and_views_as_rendered_anew(
    lives: list[Step], last: FakeRecipe
) -> None:
    disk = MemoryFiles()
    for step in lives:
        disk.crash_at, disk.calls = -1 if step.crash_at is None else step.crash_at, 0
        with contextlib.suppress(Crash, StoreWriteFailed):
            step.live(disk)
        before = disk.names.get(HERE / "answers.jsonl")
        synced = b"" if before is None or HERE / "answers.jsonl" not in disk.durable_names else before.durable
        disk = disk.after_power_cut(random.Random(step.seed)) if step.power else disk.after_kill()
        look = disk.after_kill()
        views_are_right(look, step.recipe)
        assert look["answers.jsonl"].startswith(synced[: synced.rfind(b"\n") + 1])
    views_are_right(disk.after_kill(), last)
    finish(disk, last)
