"""Promises 1 to 5: crashes at every call to the file system, on a disk in memory."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asyncsynth.errors import StoreDamaged, StoreWriteFailed
from asyncsynth.store.snapshot import read_store
from asyncsynth.store.store import Store, open_store
from asyncsynth.store.writer import Writer
from asyncsynth.values import Billing, Call, Failed, GivenUp, Made

HERE = Path("out")
SAMPLES = 6


class Crash(BaseException):
    """The process is dead: nothing it does any more has an effect."""


@dataclass
class Inode:
    data: bytearray = field(default_factory=bytearray)
    durable: bytes = b""


class MemoryFiles:
    """A disk that crashes at the n-th call; a write at that moment is done by half."""

    def __init__(self, crash_at: int = -1) -> None:
        self.names: dict[Path, Inode] = {}
        self.durable_names: dict[Path, Inode] = {}
        self.crash_at, self.calls = crash_at, 0
        self.descriptors: dict[int, Inode] = {}

    def _call(self) -> None:
        if 0 <= self.crash_at <= self.calls:
            raise Crash
        self.calls += 1

    def open(self, path: Path, flags: int) -> int:
        self._call()
        if path not in self.names and not flags & os.O_CREAT:
            raise FileNotFoundError(path)
        inode = self.names.setdefault(path, Inode())
        if flags & os.O_TRUNC:
            inode.data.clear()
        fd = 3 + len(self.descriptors)
        self.descriptors[fd] = inode
        return fd

    def close(self, fd: int) -> None:
        assert fd in self.descriptors
        self._call()

    def size(self, fd: int) -> int:
        return len(self.descriptors[fd].data)

    def read(self, fd: int, size: int, offset: int) -> bytes:
        return bytes(self.descriptors[fd].data[offset : offset + size])

    def write(self, fd: int, data: bytes) -> int:
        if self.calls == self.crash_at:
            self.descriptors[fd].data += data[: len(data) // 2]
        self._call()
        self.descriptors[fd].data += data
        return len(data)

    def write_at(self, fd: int, data: bytes, offset: int) -> int:
        self._call()
        self.descriptors[fd].data[offset : offset + len(data)] = data
        return len(data)

    def fdatasync(self, fd: int) -> None:
        self._call()
        self.descriptors[fd].durable = bytes(self.descriptors[fd].data)

    def ftruncate(self, fd: int, size: int) -> None:
        self._call()
        del self.descriptors[fd].data[size:]

    def rename(self, source: Path, target: Path) -> None:
        self._call()
        self.names[target] = self.names.pop(source)

    def remove(self, path: Path) -> None:
        self._call()
        self.names.pop(path, None)

    def make_directory(self, path: Path) -> None:
        assert path == HERE
        self._call()

    def sync_directory(self, path: Path) -> None:
        assert path == HERE
        self._call()
        self.durable_names = dict(self.names)

    def lock(self, fd: int, *, exclusive: bool) -> bool:
        return exclusive and fd in self.descriptors

    def after_kill(self) -> MemoryFiles:
        """What another process finds: all that was written."""
        return self._with({path: bytes(inode.data) for path, inode in self.names.items()})

    def after_power_cut(self, draw: random.Random) -> MemoryFiles:
        """What a reboot finds: all that was synced, and perhaps a part of the rest, perhaps as NULs."""
        names = draw.choice([self.names, self.durable_names])
        found = {}
        for path, inode in names.items():
            tail = bytes(inode.data[len(inode.durable) :]) if inode.data.startswith(inode.durable) else b""
            kept = tail[: draw.randint(0, len(tail))]
            found[path] = inode.durable + draw.choice([kept, kept + b"\0" * draw.randint(0, 50), b"\0" * len(kept)])
        return self._with(found)

    @staticmethod
    def _with(contents: dict[Path, bytes]) -> MemoryFiles:
        fresh = MemoryFiles()
        fresh.names = {path: Inode(bytearray(data), data) for path, data in contents.items()}
        fresh.durable_names = dict(fresh.names)
        return fresh


@dataclass
class Seen:
    """What a run was told before it crashed."""

    started: set[str] = field(default_factory=set)
    recorded: set[str] = field(default_factory=set)
    dead: set[str] = field(default_factory=set)
    durable: set[str] = field(default_factory=set)
    dropped: set[str] = field(default_factory=set)
    maybe_dropped: set[str] = field(default_factory=set)
    retried: bool = False


@dataclass(frozen=True)
class Build:
    key: Callable[[int], str]
    call: Callable[..., Call]
    made: Callable[..., Made]
    failed: Callable[..., Failed]
    given_up: Callable[..., GivenUp]


@pytest.fixture
def build(
    key: Callable[[int], str],
    call: Callable[..., Call],
    made: Callable[..., Made],
    failed: Callable[..., Failed],
    given_up: Callable[..., GivenUp],
) -> Build:
    return Build(key, call, made, failed, given_up)


async def sync_at_once(work: Callable[[], None]) -> None:
    work()


async def work(store: Store, build: Build, seen: Seen, refused: frozenset[int]) -> None:
    """Two workers make what is missing; the `refused` become dead letters."""
    writer = Writer(store, raw_log=False, sync=sync_at_once)
    todo = iter([number for number in range(SAMPLES) if not store.has(build.key(number))])

    async def worker() -> None:
        for number in todo:
            key = build.key(number)
            generation = store.generation(key)
            writer.started(build.call(number, generation))
            await writer.written()
            if number not in refused:
                seen.started.add(key)
            if number in refused:
                writer.failed(build.failed(number))
                await writer.written()
                writer.given_up(build.given_up(number))
                await writer.written()
                seen.dead.add(key)
            else:
                writer.made(build.made(number, generation))
                await writer.written()
                seen.recorded.add(key)
            seen.started.discard(key)

    running = asyncio.create_task(writer.run())
    results = await asyncio.gather(worker(), worker(), return_exceptions=True)
    closing = () if any(results) else (writer.close(),)
    await asyncio.gather(running, *closing)
    seen.durable |= seen.recorded | seen.dead


def whole_life(files: MemoryFiles, build: Build, seen: Seen) -> None:
    """A run with a dead letter, a retry, a drop, and a second run that makes them."""
    store = open_store(HERE, now=lambda: 2000.0, files=files)
    store.begin_run({"fingerprint": "f"})
    asyncio.run(work(store, build, seen, frozenset({1})))
    store.end_run("complete")
    seen.retried = True
    store.retry()
    seen.maybe_dropped.add(build.key(2))
    seen.dropped.update(store.drop(lambda record: record["key"] == build.key(2)))
    seen.recorded -= seen.dropped
    seen.durable -= seen.dropped
    seen.maybe_dropped.clear()
    store.begin_run({"fingerprint": "g"})
    asyncio.run(work(store, build, seen, frozenset()))
    store.close()


def crashed(build: Build, crash_at: int) -> tuple[MemoryFiles, Seen]:
    files, seen = MemoryFiles(crash_at), Seen()
    with pytest.raises((Crash, StoreWriteFailed)):
        whole_life(files, build, seen)
    return files, seen


def calls_of_a_life(build: Build) -> int:
    files = MemoryFiles()
    whole_life(files, build, Seen())
    return files.calls


def finish(files: MemoryFiles, build: Build) -> None:
    """The next run makes what is missing, and the one after finds everything, once."""
    store = open_store(HERE, now=lambda: 3000.0, files=files)
    store.begin_run({"fingerprint": "h"})
    store.retry()
    asyncio.run(work(store, build, Seen(), frozenset()))
    store.end_run("complete")
    store.close()
    again = open_store(HERE, now=lambda: 4000.0, files=files)
    assert sorted(record["key"] for record in again.records()) == sorted(build.key(n) for n in range(SAMPLES))
    assert len(again.done) == again.totals.records == SAMPLES
    assert again.recovered == ()
    assert again.newly_lost == ()
    snapshot = read_store(HERE, files=files)
    assert snapshot.running
    assert snapshot.totals == again.totals


def test_kill_at_every_call_loses_nothing_written_and_names_the_calls_under_way(build: Build) -> None:
    for crash_at in range(calls_of_a_life(build)):
        files, seen = crashed(build, crash_at)
        disk = files.after_kill()
        store = open_store(HERE, now=lambda: 2500.0, files=disk)
        there = {record["key"] for record in store.records()}
        assert there >= seen.recorded - seen.maybe_dropped, crash_at
        assert seen.retried or set(store.dead) >= seen.dead, crash_at
        named = {call.key for call in store.newly_lost} | there | set(store.dead)
        assert named >= seen.started, crash_at
        assert len(store.newly_lost) <= 2, crash_at
        store.close()
        finish(disk, build)


@pytest.mark.parametrize("seed", range(4))
def test_power_cut_at_every_call_loses_nothing_synced(build: Build, seed: int) -> None:
    for crash_at in range(calls_of_a_life(build)):
        files, seen = crashed(build, crash_at)
        disk = files.after_power_cut(random.Random(seed * 1000 + crash_at))
        store = open_store(HERE, now=lambda: 2500.0, files=disk)
        there = {record["key"] for record in store.records()} | set(store.dead)
        expected = seen.durable - seen.maybe_dropped - (seen.dead if seen.retried else set())
        assert there >= expected, crash_at
        store.close()
        finish(disk, build)


def test_crash_while_recovering_changes_nothing_for_the_next_open(build: Build) -> None:
    life = calls_of_a_life(build)
    for crash_at in range(0, life, 3):
        found, seen = crashed(build, crash_at)
        for second in range(0, 40, 3):
            disk = found.after_kill()
            disk.crash_at = second
            try:
                open_store(HERE, now=lambda: 2500.0, files=disk).close()
            except (Crash, StoreWriteFailed):
                disk = disk.after_kill()
                store = open_store(HERE, now=lambda: 2600.0, files=disk)
                there = {record["key"] for record in store.records()}
                assert there >= seen.recorded - seen.maybe_dropped, (crash_at, second)
                store.close()
            else:
                break


@pytest.fixture
def full(build: Build) -> MemoryFiles:
    """A directory with SAMPLES records."""
    files = MemoryFiles()
    store = open_store(HERE, now=lambda: 2000.0, files=files)
    store.begin_run({})
    asyncio.run(work(store, build, Seen(), frozenset()))
    store.close()
    return files


tails = st.one_of(
    st.binary(max_size=60),
    st.integers(0, 5000).map(lambda count: b"\0" * count),
    st.sampled_from([b'{"key":"', b"{}\n", b"[1]\n", b"\n\n", b"\0\0\n", b'{"type":"call"}\n', b"\xff\xfe\n{"]),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_cut_with_any_tail_keeps_every_whole_line(full: MemoryFiles, data: st.DataObject) -> None:
    files = full.after_kill()
    name = data.draw(st.sampled_from(["records.jsonl", "manifest.jsonl"]))
    inode = files.names[HERE / name]
    cut = data.draw(st.integers(0, len(inode.data)))
    tail = data.draw(tails)
    before = bytes(files.names[HERE / "records.jsonl"].data)
    inode.data[cut:] = tail
    after = bytes(files.names[HERE / "records.jsonl"].data)
    same = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(lines_in(before), lines_in(after), strict=False))
    kept = sum(len(line) for line, _ in same)
    store = open_store(HERE, now=lambda: 2500.0, files=files)
    store.close()
    assert bytes(files.names[HERE / "records.jsonl"].data) == before[:kept]
    again = open_store(HERE, now=lambda: 2500.0, files=files)
    assert again.recovered == ()
    assert len(again.done) == before[:kept].count(b"\n")


def lines_in(data: bytes) -> list[bytes]:
    """The whole lines, with their newlines."""
    return [line + b"\n" for line in data.split(b"\n")[:-1]]


def test_a_torn_tail_is_saved_beside_earlier_ones(full: MemoryFiles) -> None:
    for tail in (b'{"key":"first', b"second\0\0"):
        full.names[HERE / "records.jsonl"].data += tail
        store = open_store(HERE, now=lambda: 2500.0, files=full)
        assert any("records.jsonl.torn" in note for note in store.recovered)
        store.close()
    assert full.names[HERE / "records.jsonl.torn"].data == b'{"key":"firstsecond\0\0'


@pytest.mark.parametrize("name", ["records.jsonl", "manifest.jsonl"])
def test_a_bad_line_before_good_ones_is_refused_with_its_place(full: MemoryFiles, name: str) -> None:
    inode = full.names[HERE / name]
    lines = bytes(inode.data).splitlines(keepends=True)
    inode.data[:] = lines[0] + b"\0" * 10 + b"\n" + b"".join(lines[1:])
    before = bytes(inode.data)
    with pytest.raises(StoreDamaged) as refusal:
        open_store(HERE, now=lambda: 2500.0, files=full)
    assert f"{name}: line 2 (byte offset {len(lines[0])})" in refusal.value.message
    assert "nothing was changed" in refusal.value.hint
    assert bytes(inode.data) == before


def test_a_sample_that_is_there_twice_is_refused(full: MemoryFiles) -> None:
    inode = full.names[HERE / "records.jsonl"]
    inode.data += bytes(inode.data).splitlines(keepends=True)[3]
    with pytest.raises(StoreDamaged, match="is there twice"):
        open_store(HERE, now=lambda: 2500.0, files=full)


def test_a_lost_manifest_is_rebuilt_from_the_records(full: MemoryFiles) -> None:
    before = read_store(HERE, files=full).totals
    del full.names[HERE / "manifest.jsonl"]
    store = open_store(HERE, now=lambda: 2500.0, files=full)
    assert len(store.done) == SAMPLES
    assert store.totals.recorded == before.recorded
    assert any("rebuilt from the records" in note for note in store.recovered)
    store.close()
    assert open_store(HERE, now=lambda: 2500.0, files=full).recovered == ()


def test_a_record_deleted_by_hand_is_made_anew_and_stays_on_the_bill(full: MemoryFiles, build: Build) -> None:
    inode = full.names[HERE / "records.jsonl"]
    lines = bytes(inode.data).splitlines(keepends=True)
    inode.data[:] = b"".join(lines[:2] + lines[3:])
    store = open_store(HERE, now=lambda: 2500.0, files=full)
    assert not store.has(build.key(2))
    assert store.totals.records == SAMPLES - 1
    assert store.totals.removed.calls == 1
    assert store.totals.picodollars == SAMPLES * 500
    store.close()
    finish(full, build)


@pytest.mark.parametrize(("kept", "said"), [(0, "6"), (4, "2"), (6, "no record")])
def test_promise_5_records_that_the_disk_lost_or_somebody_edited_are_told_without_a_guess(
    full: MemoryFiles, kept: int, said: str
) -> None:
    inode = full.names[HERE / "records.jsonl"]
    inode.data[:] = b"".join(bytes(inode.data).replace(b"an outline", b"An outline").splitlines(keepends=True)[:kept])
    with open_store(HERE, now=lambda: 2500.0, files=full) as store:
        (note,) = store.recovered
    assert "it was edited, or the disk lost what it had confirmed" in note
    assert f"({'at least ' * said.isdigit()}{said} of " in note
    assert "by hand" not in note


def test_the_failures_view_is_rebuilt_when_it_does_not_agree(build: Build) -> None:
    files = MemoryFiles()
    store = open_store(HERE, now=lambda: 2000.0, files=files)
    store.begin_run({})
    asyncio.run(work(store, build, Seen(), frozenset({0, 3})))
    store.close()
    view = files.names[HERE / "failures.jsonl"]
    right = bytes(view.data)
    assert right.count(b"\n") == 2
    view.data[:] = right[:-30]
    open_store(HERE, now=lambda: 2500.0, files=files).close()
    assert bytes(files.names[HERE / "failures.jsonl"].data) == right


async def second_attempt_makes_it(store: Store, build: Build) -> None:
    """Samples 1 and 2, each made by a second attempt after a first one that was paid for and rejected."""
    writer = Writer(store, raw_log=False, sync=sync_at_once)
    running = asyncio.create_task(writer.run())
    for number in (1, 2):
        writer.started(build.call(number))
        await writer.written()
        writer.failed(build.failed(number, Billing.YES, 90))
        await writer.written()
        writer.started(build.call(number, attempt=2))
        await writer.written()
        writer.made(build.made(number, attempts=2))
        await writer.written()
    await writer.close()
    await running


@pytest.fixture
def first_fault_gone(build: Build) -> MemoryFiles:
    """Both records reached the disk, of the manifest only what is before the first fault."""
    files = MemoryFiles()
    store = open_store(HERE, now=lambda: 2000.0, files=files)
    store.begin_run({})
    asyncio.run(second_attempt_makes_it(store, build))
    data = files.names[HERE / "manifest.jsonl"].data
    del data[data.index(b'{"type":"fault"') :]
    return files.after_kill()


def test_promise_10_a_paid_attempt_whose_end_a_power_cut_took_is_lost_though_a_later_one_has_its_record(
    first_fault_gone: MemoryFiles, build: Build
) -> None:
    assert read_store(HERE, files=first_fault_gone).under_way == (build.call(1),)
    for _ in range(2):
        with open_store(HERE, now=lambda: 2500.0, files=first_fault_gone) as store:
            assert store.lost == (build.call(1),)
            assert (store.totals.lost.picodollars, store.totals.records) == (700, 2)


def test_promise_10_a_crash_while_recovering_lists_the_paid_attempt_too(
    first_fault_gone: MemoryFiles, build: Build
) -> None:
    for crash_at in itertools.count():
        files = first_fault_gone.after_kill()
        files.crash_at = crash_at
        try:
            open_store(HERE, now=lambda: 2500.0, files=files).close()
        except (Crash, StoreWriteFailed):
            with open_store(HERE, now=lambda: 2600.0, files=files.after_kill()) as store:
                assert store.lost == (build.call(1),), crash_at
        else:
            assert crash_at > 10
            return


def lines_of(files: MemoryFiles, name: str) -> Iterator[bytes]:
    yield from bytes(files.names[HERE / name].data).splitlines()


def test_the_manifest_never_knows_of_a_record_before_it_is_synced(build: Build) -> None:
    for crash_at in range(calls_of_a_life(build)):
        files, _ = crashed(build, crash_at)
        if HERE / "manifest.jsonl" not in files.names:
            continue
        durable = files.names[HERE / "records.jsonl"].durable
        places = [line for line in lines_of(files, "manifest.jsonl") if line.startswith(b'{"type":"records"')]
        rewritten = any(b'"rewritten"' in line or b'"drop"' in line for line in lines_of(files, "manifest.jsonl"))
        if places and not rewritten:
            assert all(key in durable for key in places[-1].split(b'"keys":["')[1].rstrip(b'"]}').split(b'","'))
