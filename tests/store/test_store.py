from __future__ import annotations

import asyncio
import json
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from asyncsynth.errors import StoreError, StoreLocked, StoreWriteFailed
from asyncsynth.store.snapshot import read_store
from asyncsynth.store.store import Store, open_store
from asyncsynth.store.writer import Writer
from asyncsynth.values import Billing, Call, Failed, GivenUp, Made


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "out", now=lambda: 2000.0) as opened:
        opened.begin_run({"fingerprint": "f", "axes": ["genre"]})
        yield opened


async def write(
    store: Store,
    *,
    made: Sequence[Made] = (),
    given_up: Sequence[GivenUp] = (),
    failed: Sequence[Failed] = (),
    calls: Sequence[Call] = (),
) -> None:
    writer = Writer(store, raw_log=False)
    running = asyncio.create_task(writer.run())
    for call in calls:
        writer.started(call)
        await writer.written()
    for attempt in failed:
        writer.failed(attempt)
        await writer.written()
    for end in given_up:
        writer.given_up(end)
        await writer.written()
    for sample in made:
        writer.made(sample)
        await writer.written()
    await writer.close()
    await running


def again(store: Store) -> Store:
    store.close()
    return open_store(store.directory, now=lambda: 3000.0)


def test_files_are_for_the_owner_alone(store: Store) -> None:
    assert stat.S_IMODE(store.directory.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in store.directory.iterdir()}
    assert modes == dict.fromkeys(["records.jsonl", "manifest.jsonl", "failures.jsonl", "lock"], 0o600)


def test_a_second_open_is_refused_and_names_the_process(store: Store) -> None:
    with pytest.raises(StoreLocked) as refusal:
        open_store(store.directory, now=lambda: 1.0)
    assert f"(process {os.getpid()})" in refusal.value.message
    assert "--output" in refusal.value.hint
    assert again(store).run == 1


@pytest.mark.parametrize("name", ["records.jsonl", "manifest.jsonl", "failures.jsonl", "lock"])
def test_a_symbolic_link_in_the_directory_is_not_followed(tmp_path: Path, name: str) -> None:
    target = tmp_path / "precious"
    target.write_text("precious")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).symlink_to(target)
    with pytest.raises(StoreWriteFailed, match="Too many levels of symbolic links") as refusal:
        open_store(tmp_path / "out", now=lambda: 1.0)
    assert "symbolic link" in refusal.value.hint
    assert target.read_text() == "precious"


def test_a_directory_that_is_a_link_or_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "file").write_text("")
    for place in ("link", "file", "file/below"):
        with pytest.raises(StoreWriteFailed) as refusal:
            open_store(tmp_path / place, now=lambda: 1.0)
        assert "--output" in refusal.value.hint, place


async def test_retry_clears_dead_letters_by_reason(store: Store, given_up: Callable[..., GivenUp]) -> None:
    await write(store, given_up=[given_up(1, "refusal"), given_up(2, "timeout"), given_up(3, "refusal")])
    assert store.has(given_up(1).request.sample.key)
    assert store.totals.failures == {"refusal": 2, "timeout": 1}
    assert store.retry({"refusal"}) == 2
    assert store.retry({"refusal"}) == 0
    assert not store.has(given_up(1).request.sample.key)
    assert [letter.reason for letter in store.dead.values()] == ["timeout"]
    failures = (store.directory / "failures.jsonl").read_text().splitlines()
    assert [json.loads(line)["key"] for line in failures] == [given_up(2).request.sample.key]
    assert again(store).totals.failures == {"timeout": 1}


async def test_drop_takes_records_out_and_keeps_their_text_and_money(store: Store, made: Callable[..., Made]) -> None:
    samples = [made(number) for number in range(5)]
    keys = [sample.request.sample.key for sample in samples]
    await write(store, made=samples)
    before = {record["key"]: record for record in store.records()}
    dropped = store.drop(lambda record: record["combination"]["genre"] in {"genre 1", "genre 3"})
    assert dropped == [keys[1], keys[3]]
    for there in (store, again(store)):
        assert [record["key"] for record in there.records()] == [keys[0], keys[2], keys[4]]
        assert [there.has(key) for key in keys] == [True, False, True, False, True]
        assert [there.generation(key) for key in keys] == [0, 1, 0, 1, 0]
        assert there.totals.records == 3
        assert there.totals.removed.calls == 2
        assert there.totals.picodollars == 5 * 500
        assert there.recovered == ()
        there.close()
    lines = [json.loads(line) for line in (store.directory / "manifest.jsonl").read_text().splitlines()]
    assert [line["record"] for line in lines if line["type"] == "drop"] == [before[keys[1]], before[keys[3]]]


async def test_a_dropped_sample_is_made_again_and_can_be_dropped_again(store: Store, made: Callable[..., Made]) -> None:
    await write(store, made=[made(1)])
    store.drop(lambda _: True)
    await write(store, made=[made(1, generation=1, text="second")])
    reopened = again(store)
    assert reopened.recovered == ()
    assert [record["completion"] for record in reopened.records()] == ["second"]
    assert reopened.drop(lambda _: True) == [made(1).request.sample.key]
    assert reopened.generation(made(1).request.sample.key) == 2
    reopened.close()


async def test_a_drop_cut_short_is_finished_by_the_next_open(store: Store, made: Callable[..., Made]) -> None:
    await write(store, made=[made(1), made(2)])
    records = (store.directory / "records.jsonl").read_bytes()
    manifest_before = (store.directory / "manifest.jsonl").read_bytes()
    store.drop(lambda record: record["combination"]["genre"] == "genre 1")
    store.close()
    drop = next(line for line in (store.directory / "manifest.jsonl").read_bytes().splitlines() if b'"drop"' in line)
    (store.directory / "records.jsonl").write_bytes(records)
    (store.directory / "manifest.jsonl").write_bytes(manifest_before + drop + b"\n")
    assert [record["key"] for record in read_store(store.directory).records()] == [made(2).request.sample.key]
    with open_store(store.directory, now=lambda: 3000.0) as reopened:
        assert [record["key"] for record in reopened.records()] == [made(2).request.sample.key]
        assert reopened.recovered == ("finished a drop that was cut short",)
        assert (reopened.totals.records, reopened.totals.removed.calls) == (1, 1)
    assert made(1).request.sample.key.encode() not in (store.directory / "records.jsonl").read_bytes()


async def test_calls_without_an_end_are_lost_once_and_named(
    store: Store, call: Callable[..., Call], made: Callable[..., Made], failed: Callable[..., Failed]
) -> None:
    calls = [call(1), call(2), call(3), call(3, attempt=2, sent_at=1001.0), call(4, sent_at=1002.0)]
    await write(store, calls=calls, failed=[failed(3)], made=[made(1)])
    snapshot = read_store(store.directory)
    assert snapshot.running
    assert snapshot.under_way == (calls[1], *calls[3:])
    assert snapshot.newly_lost == ()
    store.close()
    assert read_store(store.directory).newly_lost == snapshot.under_way
    reopened = open_store(store.directory, now=lambda: 3000.0)
    assert reopened.newly_lost == snapshot.under_way
    assert reopened.totals.lost.calls == 3
    assert reopened.totals.lost.picodollars == 2100
    third = again(reopened)
    assert third.newly_lost == ()
    assert third.lost == snapshot.under_way
    assert third.totals == reopened.totals
    third.close()


async def test_the_ledger_tells_every_kind_of_money_by_run(
    store: Store, call: Callable[..., Call], made: Callable[..., Made], failed: Callable[..., Failed]
) -> None:
    rejected, maybe = failed(2, Billing.YES, 90), failed(3, Billing.MAYBE, 80)
    await write(store, calls=[call(n) for n in range(1, 6)], made=[made(1)], failed=[rejected, maybe, failed(4)])
    store.end_run("complete")
    reopened = again(store)
    reopened.begin_run({"fingerprint": "g"})
    await write(reopened, made=[made(6), made(7, cost=None)])
    first, second = reopened.runs
    assert (first.ended, second.ended) == ("complete", None)
    assert (first.totals.calls, first.totals.recorded.picodollars) == (5, 500)
    assert (first.totals.rejected.picodollars, first.totals.rejected.completion_tokens) == (90, 7)
    assert (first.totals.maybe.picodollars, first.totals.lost.picodollars) == (80, 700)
    assert first.totals.faults == {"refusal": 3}
    assert (second.totals.records, second.totals.cost_known) == (2, False)
    assert reopened.totals.paid.picodollars == 500 + 90 + 500
    assert reopened.totals.uncertain.picodollars == 80 + 700
    assert reopened.last_facts == {"fingerprint": "g"}
    final = again(reopened)
    assert final.runs == reopened.runs
    assert final.totals == reopened.totals
    final.close()


async def test_send_times_survive_a_restart_for_the_windows(store: Store, call: Callable[..., Call]) -> None:
    await write(store, calls=[call(number, sent_at=1000.0 + 20 * number) for number in range(5)])
    reopened = again(store)
    assert reopened.recent_calls(1030.0) == [(1040.0, 300), (1060.0, 300), (1080.0, 300)]
    reopened.close()


def test_a_manifest_of_a_later_version_is_refused(store: Store) -> None:
    manifest = store.directory / "manifest.jsonl"
    store.close()
    manifest.write_bytes(manifest.read_bytes().replace(b'"schema":1', b'"schema":2'))
    with pytest.raises(StoreError, match="later version"):
        open_store(store.directory, now=lambda: 1.0)


def test_an_empty_place_is_an_empty_store_and_stays_so(tmp_path: Path) -> None:
    snapshot = read_store(tmp_path / "nothing")
    assert (snapshot.totals.records, list(snapshot.records()), snapshot.last_facts) == (0, [], None)
    assert not snapshot.running
    assert not (tmp_path / "nothing").exists()


@pytest.fixture
def closed_directory(tmp_path: Path) -> Iterator[Path]:
    """Root may write everywhere, so root becomes nobody for a while."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    yield closed
    os.seteuid(before)


@pytest.mark.parametrize("below", ["", "out"])
def test_a_directory_one_may_not_write_to_is_refused_with_one_message(closed_directory: Path, below: str) -> None:
    with pytest.raises(StoreWriteFailed, match="Permission denied") as refusal:
        open_store(closed_directory / below, now=lambda: 1.0)
    assert "--output" in refusal.value.hint


async def test_a_snapshot_beside_a_run_changes_nothing_and_sees_what_is_written(
    store: Store, made: Callable[..., Made]
) -> None:
    writer = Writer(store, raw_log=False)
    running = asyncio.create_task(writer.run())
    writer.made(made(1))
    await writer.written()
    with (store.directory / "records.jsonl").open("ab") as other:
        other.write(b'{"key": "half a li')
    before = {path.name: path.read_bytes() for path in store.directory.iterdir()}
    snapshot = read_store(store.directory)
    assert (snapshot.running, snapshot.totals.records, len(list(snapshot.records()))) == (True, 1, 1)
    assert {path.name: path.read_bytes() for path in store.directory.iterdir()} == before
    await writer.close()
    await running


async def test_a_run_is_balanced_while_each_of_its_records_has_a_call(
    store: Store, call: Callable[..., Call], made: Callable[..., Made], failed: Callable[..., Failed]
) -> None:
    await write(store, calls=[call(n) for n in range(1, 5)], made=[made(1), made(2)], failed=[failed(3)])
    store.drop(lambda record: record["key"] == made(2).request.sample.key)
    reopened = again(store)  # which finds a fourth call lost
    assert [run.balanced for run in reopened.runs] == [True]
    await write(reopened, made=[made(5)])
    assert [run.balanced for run in reopened.runs] == [False]
    assert reopened.runs[0].fingerprint == "f"
    reopened.close()


async def test_samples_noted_as_ended_are_known_to_the_next_open_until_something_is_taken_out(
    store: Store, made: Callable[..., Made], given_up: Callable[..., GivenUp]
) -> None:
    store.note_ended("order", 3)
    await write(store, made=[made(1), made(2)], given_up=[given_up(3)])
    second = again(store)
    assert (second.ended("order"), second.ended("another order")) == (3, 0)
    second.retry()
    third = again(second)
    assert (second.ended("order"), third.ended("order")) == (0, 0)
    third.note_ended("order", 2)
    await write(third, made=[made(4)])
    fourth = again(third)
    assert fourth.ended("order") == 2
    fourth.drop(lambda record: record["key"] == made(1).request.sample.key)
    last = again(fourth)
    assert (fourth.ended("order"), last.ended("order")) == (0, 0)
    last.close()


async def test_more_samples_than_have_ended_are_not_believed(store: Store, made: Callable[..., Made]) -> None:
    store.note_ended("order", 3)
    await write(store, made=[made(1), made(2)])
    reopened = again(store)
    assert reopened.ended("order") == 0
    reopened.close()


async def test_a_record_deleted_by_hand_voids_what_was_noted_as_ended(store: Store, made: Callable[..., Made]) -> None:
    store.note_ended("order", 2)
    await write(store, made=[made(1), made(2), made(3)])
    store.close()
    path = store.directory / "records.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[1:]))
    assert read_store(store.directory).ended("order") == 0
    for _ in range(2):
        with open_store(store.directory, now=lambda: 0.0) as opened:
            assert opened.ended("order") == 0
