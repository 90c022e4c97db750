from __future__ import annotations

import asyncio
import errno
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from asyncsynth.errors import StoreWriteFailed
from asyncsynth.store.files import OsFiles
from asyncsynth.store.groups import GROUP
from asyncsynth.store.mark import Reach
from asyncsynth.store.snapshot import read_store
from asyncsynth.store.store import Store, open_store
from asyncsynth.store.writer import Writer
from asyncsynth.values import Answered, Billing, Call, End, Failed, GivenUp, RawCall, Row
from tests.cells import cells
from tests.conftest import unmeasured
from tests.engine.fake_recipe import FakeRecipe
from tests.engine.life import Seen, open_fresh, rendered, run, views_in


class FaultyFiles(OsFiles):
    """The real calls; from the `nth` (1, 2, ...) of a method on files of that name on, they fail.

    `partial`: the nth writes so many bytes before. Counts begin with the run's own line in the manifest.
    """

    def __init__(self, name: str, method: str, nth: int, error: int, *, partial: int = 0) -> None:
        self.name, self.method, self.nth, self.error, self.partial = name, method, nth, error, partial
        self.begun = False
        self.fds: dict[int, str] = {}

    def open(self, path: Path, flags: int) -> int:
        fd = super().open(path, flags)
        self.fds[fd] = path.name
        return fd

    def _hit(self, method: str, fd: int) -> bool:
        if not self.begun or method != self.method or self.fds.get(fd) != self.name:
            return False
        self.nth -= 1
        return self.nth <= 0

    def write(self, fd: int, data: bytes) -> int:
        if self._hit("write", fd):
            if self.partial:
                self.partial, part = 0, self.partial
                return super().write(fd, data[:part])
            if self.error:
                raise OSError(self.error, os.strerror(self.error))
        self.begun = self.begun or data.startswith(b'{"type":"run"')
        return super().write(fd, data)

    def fdatasync(self, fd: int) -> None:
        if self._hit("fdatasync", fd):
            raise OSError(self.error, os.strerror(self.error))
        super().fdatasync(fd)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "out", now=lambda: 2000.0) as opened:
        opened.open_views().make_anew([], recipe="r", order="o")
        opened.begin_run(recipe="r", order="o", facts={})
        yield opened


def objects(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


async def test_written_returns_when_the_lines_are_in_the_files(
    store: Store,
    call: Callable[..., Call],
    answered: Callable[..., Answered],
    failed: Callable[..., Failed],
    given_up: Callable[..., GivenUp],
) -> None:
    writer = Writer(store, raw_log=False)
    running = asyncio.create_task(writer.run())
    manifest = store.directory / "manifest.jsonl"
    writer.started(call(1))
    await writer.written()
    line = objects(manifest)[-1]
    assert (line["type"], line["count"], line["calls"]) == ("calls", 1, [list(call(1))[:-1]])
    writer.answered(answered(1))
    await writer.written()
    for name in ("answers.jsonl", "records.jsonl"):
        assert [each["key"] for each in objects(store.directory / name)] == [call(1).key]
    writer.failed(failed(2, Billing.YES, 90, body=b"\xffraw answer"))
    await writer.written()
    fault = objects(manifest)[-1]
    assert (fault["billed"], fault["cost"], fault["completion_tokens"]) == ("yes", 90, 7)
    assert fault["raw"] == "\ufffdraw answer"
    writer.given_up(given_up(2))
    await writer.written()
    assert [letter["reason"] for letter in objects(store.directory / "failures.jsonl")] == ["refusal"]
    await writer.close()
    await running


async def test_samples_that_share_an_answer_have_a_record_each(store: Store, answered: Callable[..., Answered]) -> None:
    a, c = (Row({"genre": genre}, 0, {"prompt": "p"}) for genre in "ac")
    rows = (a, Row({"genre": "b"}, 0, {}, "no record"), c)
    writer = Writer(store, raw_log=False)
    running = asyncio.create_task(writer.run())
    writer.answered(answered(1, rows=rows))
    await writer.close()  # before run() has begun to work
    await running
    assert len(objects(store.directory / "answers.jsonl")) == 1
    assert [each["combination"]["genre"] for each in objects(store.directory / "records.jsonl")] == ["a", "c"]
    assert [each["message"] for each in objects(store.directory / "failures.jsonl")] == ["no record"]
    assert (store.views.samples, store.views.unrendered) == (3, 1)


async def test_a_full_group_is_synced_and_then_indexed(store: Store, answered: Callable[..., Answered]) -> None:
    synced = asyncio.Event()

    async def sync(work: Callable[[], None]) -> None:
        manifest = (store.directory / "manifest.jsonl").read_bytes()
        assert b'"answers","run"' not in manifest
        work()
        synced.set()

    writer = Writer(store, raw_log=False, sync=sync)
    running = asyncio.create_task(writer.run())
    for number in range(GROUP):
        writer.answered(answered(number))
    await writer.written()
    await synced.wait()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    line, views = objects(store.directory / "manifest.jsonl")[-2:]
    assert (line["type"], views["type"]) == ("answers", "views")
    assert len(line["keys"]) == views["records"][0] == GROUP
    writer._sync = asyncio.to_thread
    await writer.close()
    await running


async def test_workers_are_not_held_up_by_a_sync(store: Store, answered: Callable[..., Answered]) -> None:
    release, began = threading.Event(), asyncio.Event()

    async def slow(work: Callable[[], None]) -> None:
        began.set()
        await asyncio.to_thread(release.wait)
        work()

    writer = Writer(store, raw_log=False, sync=slow)
    running = asyncio.create_task(writer.run())
    for number in range(GROUP):
        writer.answered(answered(number))
    await writer.written()
    await began.wait()
    for number in range(GROUP, 3 * GROUP):
        writer.answered(answered(number))
    await writer.written()
    assert not release.is_set()
    release.set()
    await writer.close()
    await running
    store.close()
    groups = [line for line in objects(store.directory / "manifest.jsonl") if line["type"] == "answers"]
    assert sum(len(line["keys"]) for line in groups) == 3 * GROUP
    assert [line["offset"] for line in groups][1:] == [line["offset"] + line["length"] for line in groups][:-1]


async def test_what_is_noted_as_ended_while_a_sync_works_waits_for_the_next_one(
    store: Store, answered: Callable[..., Answered]
) -> None:
    began, release = asyncio.Event(), threading.Event()

    async def slow(work: Callable[[], None]) -> None:
        began.set()
        await asyncio.to_thread(release.wait)
        work()

    writer = Writer(store, raw_log=False, sync=slow)
    running = asyncio.create_task(writer.run())
    for number in range(GROUP):
        writer.answered(answered(number))
    await writer.written()
    await began.wait()
    for number in range(GROUP, 2 * GROUP):
        writer.answered(answered(number))
    await writer.written()
    store.note_ended("order", 2 * GROUP)
    release.set()
    await writer.close()
    await running
    store.close()
    kinds = [line["type"] for line in objects(store.directory / "manifest.jsonl")]
    assert kinds.count("answers") == 2
    assert kinds[-5:] == ["answers", "views", "answers", "views", "cursor"]
    with open_store(store.directory, now=lambda: 0.0) as reopened:
        assert reopened.ended("order") == 2 * GROUP


async def test_cancelling_a_waiter_harms_no_other(store: Store, answered: Callable[..., Answered]) -> None:
    writer = Writer(store, raw_log=False)
    writer.answered(answered(1))
    writer.answered(answered(2))
    first, second = (asyncio.create_task(writer.written()) for _ in (1, 2))
    await asyncio.sleep(0)
    first.cancel()
    running = asyncio.create_task(writer.run())
    await second
    assert first.cancelled()
    await writer.close()
    await running
    assert len(store.answered) == 2


async def test_cancelling_the_writer_keeps_what_it_was_given(store: Store, answered: Callable[..., Answered]) -> None:
    writer = Writer(store, raw_log=False)
    running = asyncio.create_task(writer.run())
    writer.answered(answered(1))
    await writer.written()
    writer.answered(answered(2))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    with pytest.raises(StoreWriteFailed):
        writer.answered(answered(3))
    store.close()
    snapshot = read_store(store.directory)
    assert snapshot.totals.answers == 2
    assert open_store(store.directory, now=lambda: 1.0).recovered == ()


async def test_an_answer_is_not_taken_twice(store: Store, answered: Callable[..., Answered]) -> None:
    writer = Writer(store, raw_log=False)
    running = asyncio.create_task(writer.run())
    writer.answered(answered(1))
    await writer.written()
    writer.answered(answered(1))
    with pytest.raises(StoreWriteFailed):
        await writer.written()
    with pytest.raises(ValueError, match="has its answer already"):
        await running
    assert len(objects(store.directory / "answers.jsonl")) == len(list(store.records())) == 1


async def test_what_is_handed_over_is_written_without_anybody_waiting_for_it(
    store: Store, answered: Callable[..., Answered]
) -> None:
    writer = Writer(store, raw_log=False)
    running = asyncio.create_task(writer.run())
    await asyncio.sleep(0)
    writer.answered(answered(1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert len(objects(store.directory / "records.jsonl")) == 1
    await writer.close()
    await running


async def test_an_end_is_told_when_it_is_in_the_file(
    store: Store, answered: Callable[..., Answered], given_up: Callable[..., GivenUp]
) -> None:
    told: list[int] = []

    def tell(_: End) -> None:
        files = (store.directory / name for name in ("records.jsonl", "failures.jsonl"))
        told.append(sum(len(objects(path)) for path in files))

    writer = Writer(store, raw_log=False)
    running = asyncio.create_task(writer.run(tell))
    await asyncio.sleep(0)
    writer.answered(answered(1))
    assert told == []
    await writer.written()
    writer.given_up(given_up(2))
    await writer.close()
    await running
    assert told == [1, 2]


async def test_a_call_is_noted_after_the_end_of_the_one_before(
    store: Store, call: Callable[..., Call], answered: Callable[..., Answered], failed: Callable[..., Failed]
) -> None:
    """Else a kill between two writes could cost more calls than there are slots."""
    files: list[str] = []
    for journal in (store.committer.answers, store.committer.manifest):
        append = journal.append

        def noted(lines: Any, journal: Any = journal, append: Any = append) -> int:
            files.append(journal.path.name)
            return int(append(lines))

        journal.append = noted  # type: ignore[method-assign] # to see the order of the writes
    writer = Writer(store, raw_log=False)
    running = asyncio.create_task(writer.run())
    for number in (1, 2):
        writer.started(call(number))
    await writer.written()
    writer.answered(answered(1))
    writer.failed(failed(2, Billing.NO, 0))
    writer.started(call(3))
    await writer.written()
    assert files == ["manifest.jsonl", "answers.jsonl", "manifest.jsonl"]
    assert [line["type"] for line in objects(store.directory / "manifest.jsonl")][-2:] == ["fault", "calls"]
    await writer.close()
    await running


async def test_raw_log_embeds_bodies_as_json_where_they_are_json(
    store: Store, answered: Callable[..., Answered]
) -> None:
    writer = Writer(store, raw_log=True)
    running = asyncio.create_task(writer.run())
    key = answered(1).request.sample.key
    writer.answered(answered(1), RawCall(key, 1, 5.0, b'{"a":1}', 200, b'{\n "b": 2\n}'))
    await writer.written()
    writer.answered(answered(2), RawCall(key, 2, 6.0, b"{}", 502, b"<html>\xff\n</html>"))
    await writer.written()
    writer.answered(answered(3), RawCall(key, 3, 7.0, b"{}", None, None))
    await writer.written()
    await writer.close()
    await running
    assert objects(store.directory / "raw.jsonl") == [
        {"key": key, "attempt": 1, "sent_at": 5.0, "status": 200, "request": {"a": 1}, "response": {"b": 2}},
        {"key": key, "attempt": 2, "sent_at": 6.0, "status": 502, "request": {}, "response": "<html>\ufffd\n</html>"},
        {"key": key, "attempt": 3, "sent_at": 7.0, "status": None, "request": {}, "response": None},
    ]


ASKS = [f"question {number}" for number in range(600)]


CALLS_TO_THE_DISK = [
    ("answers.jsonl", "write"),
    ("answers.jsonl", "fdatasync"),
    ("manifest.jsonl", "write"),
    ("manifest.jsonl", "fdatasync"),
    ("records.jsonl", "write"),
]


@pytest.mark.parametrize(
    ("call", "nth", "error"), cells(CALLS_TO_THE_DISK, [1, 2, 5], [errno.ENOSPC, errno.EIO, errno.EDQUOT], one_in=3)
)
def test_promise_5_a_failing_disk_stops_the_run_and_the_next_one_completes(
    tmp_path: Path, call: tuple[str, str], nth: int, error: int
) -> None:
    recipe, seen = FakeRecipe(ASKS), Seen()
    run(tmp_path / "out", FakeRecipe(ASKS, limit=3))
    with pytest.raises(StoreWriteFailed) as failure:
        run(tmp_path / "out", recipe, files=FaultyFiles(*call, nth, error), seen=seen)
    assert os.strerror(error) in failure.value.message
    assert failure.value.hint
    assert len(seen.started) <= 2, "nothing was sent after the failure"
    run(tmp_path / "out", recipe)
    answers = objects(tmp_path / "out" / "answers.jsonl")
    assert len(answers) == len({answer["key"] for answer in answers}) == len(ASKS)
    assert {answer["key"] for answer in answers} >= seen.answered
    with open_fresh(tmp_path / "out", recipe)[0] as store:
        data = [(tmp_path / "out" / each).read_bytes() for each in ("records.jsonl", "failures.jsonl")]
        assert views_in(data[0], data[1]) == rendered((tmp_path / "out/answers.jsonl").read_bytes(), store, recipe)
        assert store.totals.answers == len(ASKS)


@pytest.mark.parametrize("name", ["answers.jsonl", "manifest.jsonl", "records.jsonl"])
def test_short_writes_are_continued(tmp_path: Path, name: str) -> None:
    run(tmp_path / "out", FakeRecipe(ASKS[:40]), files=FaultyFiles(name, "write", 3, 0, partial=100))
    assert len(objects(tmp_path / "out" / "answers.jsonl")) == len(objects(tmp_path / "out" / "records.jsonl")) == 40


@pytest.mark.parametrize("name", ["answers.jsonl", "manifest.jsonl", "records.jsonl"])
def test_a_short_write_on_a_full_disk_leaves_no_torn_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(StoreWriteFailed, match="No space left"):
        run(tmp_path / "out", FakeRecipe(ASKS[:40]), files=FaultyFiles(name, "write", 5, errno.ENOSPC, partial=100))
    for each in ("answers.jsonl", "manifest.jsonl", "records.jsonl"):
        assert (tmp_path / "out" / each).read_bytes().endswith(b"\n")
        objects(tmp_path / "out" / each)


CHILD = """
import asyncio, sys, hashlib
from pathlib import Path
from asyncsynth.errors import StoreWriteFailed
from asyncsynth.store.store import open_store
from asyncsynth.store.writer import Writer
from asyncsynth.values import Answer, Answered, Call, Request, Row, Sample, Usage

async def main():
    store = open_store(Path(sys.argv[1]), now=lambda: 1000.0)
    store.open_views()
    store.begin_run(recipe="", order="", facts={})
    writer = Writer(store, raw_log=False)
    running = asyncio.create_task(writer.run())
    todo = iter(range(int(sys.argv[2])))
    async def worker():
        for number in todo:
            key = hashlib.sha256(b"%d" % number).hexdigest()[:32]
            if store.has(key):
                continue
            writer.started(Call(key, 0, 1, 1000.0, 300, 700))
            await writer.written()
            await asyncio.sleep(0)
            request = Request(Sample(key, {"genre": "horror"}, 0), 0, "text", None)
            answer = Answer("x" * 300, "stop", Usage(5, 20), "m", b"")
            row = Row(request.sample.combination, 0, {"completion": answer.text})
            writer.answered(Answered(request, answer, 1, 1, 0.1, 1000.0, (row,)))
            await writer.written()
            print(key, flush=True)
    failures = await asyncio.gather(*(worker() for _ in range(16)), return_exceptions=True)
    if not any(failures):
        await writer.close()
    try:
        await running
    finally:
        store.close()

try:
    asyncio.run(main())
except StoreWriteFailed as error:
    print(error.message, "/", error.hint, file=sys.stderr)
    sys.exit(5)
"""


def test_sigkill_loses_no_answer_whose_write_returned(tmp_path: Path) -> None:
    """Three kills in the middle of writing; each costs at most the 16 calls under way, and the next open names them."""
    known: set[str] = set()
    for kill_after in (40, 150, 333):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(tmp_path / "out"), "5000"], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        known.update(child.stdout.readline().strip() for _ in range(kill_after))
        child.send_signal(signal.SIGKILL)
        known.update(line.strip() for line in child.stdout.read().splitlines() if len(line) == 32)
        child.stdout.close()
        assert child.wait() == -signal.SIGKILL
        with open_store(tmp_path / "out", now=lambda: 2000.0) as store:
            answers = [answer["key"] for answer in objects(tmp_path / "out" / "answers.jsonl")]
            assert len(answers) == len(set(answers)) == len(store.answered)
            assert set(answers) >= known
            assert len(store.newly_lost) <= 16
            assert not {call.key for call in store.newly_lost} & set(answers)


@unmeasured
def test_file_size_limit_ends_with_one_clear_message_and_whole_lines(tmp_path: Path) -> None:
    """A real failing write: ulimit -f counts blocks of 1,024 bytes in bash."""
    command = f'ulimit -f 40; exec "{sys.executable}" -c "$0" "{tmp_path / "out"}" 2000'
    ended = subprocess.run(["bash", "-c", command, CHILD], capture_output=True, text=True, check=False)
    assert ended.returncode == 5, ended.stderr
    assert "File too large / a file may not grow further here (ulimit -f)" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert (tmp_path / "out" / "answers.jsonl").read_bytes()[-1:] == b"\n"
    written = ended.stdout.split()
    with open_store(tmp_path / "out", now=lambda: 2000.0) as store:
        assert all(key in store.answered for key in written)
        assert len(written) > 10


async def test_groups_whose_sync_was_cut_off_are_indexed_by_close(
    store: Store, answered: Callable[..., Answered]
) -> None:
    began = asyncio.Event()

    async def endless(work: Callable[[], None]) -> None:
        began.set()
        await asyncio.Event().wait()
        work()

    writer = Writer(store, raw_log=False, sync=endless)
    running = asyncio.create_task(writer.run())
    for number in range(GROUP):
        writer.answered(answered(number))
    await writer.written()
    await began.wait()
    writer.answered(answered(GROUP))
    await writer.written()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    store.close()
    groups = [line for line in objects(store.directory / "manifest.jsonl") if line["type"] == "answers"]
    assert [len(line["keys"]) for line in groups] == [GROUP, 1]
    with open_store(store.directory, now=lambda: 1.0) as reopened:
        assert reopened.recovered == ()


async def test_a_torn_tail_of_the_raw_log_is_cut(store: Store, answered: Callable[..., Answered]) -> None:
    raw = store.directory / "raw.jsonl"
    raw.write_bytes(b'{"key":"whole"}\n{"key":"torn\0\0')
    writer = Writer(store, raw_log=True)
    running = asyncio.create_task(writer.run())
    writer.answered(answered(1), RawCall("next", 1, 5.0, b"{}", 200, b"{}"))
    await writer.written()
    await writer.close()
    await running
    assert [line["key"] for line in objects(raw)] == ["whole", "next"]
    assert (store.directory / "raw.jsonl.torn").read_bytes() == b'{"key":"torn\0\0'


async def test_the_raw_log_is_not_kept_in_memory(store: Store, answered: Callable[..., Answered]) -> None:
    writer = Writer(store, raw_log=True)
    running = asyncio.create_task(writer.run())
    for number in range(10):
        writer.answered(answered(number), RawCall("k", 1, 5.0, b"{}", 200, b"{}"))
        await writer.written()
    assert store.committer.raw is not None
    assert store.committer.raw._unsynced == []
    await writer.close()
    await running


async def test_samples_whose_end_could_not_be_written_are_not_noted_as_ended(
    tmp_path: Path, answered: Callable[..., Answered]
) -> None:
    files = FaultyFiles("raw.jsonl", "write", 1, errno.EIO)
    with open_store(tmp_path / "out", now=lambda: 2000.0, files=files) as store:
        store.open_views().make_anew([], recipe="r", order="o")
        store.begin_run(recipe="r", order="o", facts={})
        store.open_views().reach = lambda: Reach(ended=1, begun=1)  # a run counts an end when it hands it over
        writer = Writer(store, raw_log=True)
        running = asyncio.create_task(writer.run())
        writer.answered(answered(0), RawCall("k", 1, 5.0, b"{}", 200, b"{}"))
        with pytest.raises(StoreWriteFailed):
            await running
        with pytest.raises(StoreWriteFailed):
            store.end_run("failed")
    with open_store(tmp_path / "out", now=lambda: 2000.0) as store:
        assert (len(store.answered), store.views.reach) == (0, Reach())
