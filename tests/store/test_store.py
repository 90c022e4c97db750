from __future__ import annotations

import asyncio
import errno
import json
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from asyncsynth.errors import StoreError, StoreLocked, StoreWriteFailed
from asyncsynth.store.files import OsFiles
from asyncsynth.store.sealed import seal
from asyncsynth.store.snapshot import read_store
from asyncsynth.store.store import Store, open_store
from asyncsynth.store.writer import Writer
from asyncsynth.values import Answered, Billing, Call, Failed, GivenUp

FILES = ["answers.jsonl", "manifest.jsonl", "records.jsonl", "failures.jsonl", "lock"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "out", now=lambda: 2000.0) as opened:
        opened.open_views().make_anew([], recipe="r", order="o")
        opened.begin_run(recipe="r", order="o", facts={"axes": ["genre"]})
        yield opened


async def write(
    store: Store,
    *,
    answers: Sequence[Answered] = (),
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
    for answer in answers:
        writer.answered(answer)
        await writer.written()
    await writer.close()
    await running


def again(store: Store) -> Store:
    store.close()
    return open_store(store.directory, now=lambda: 3000.0)


def objects(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def keys_in(path: Path) -> list[str]:
    return [line["key"] for line in objects(path)]


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_files_and_directories_that_are_made_are_for_the_owner_alone(tmp_path: Path, umask: int) -> None:
    (tmp_path / "theirs").mkdir(mode=0o755)
    before = os.umask(umask)
    try:
        with open_store(tmp_path / "theirs/a/b/out", now=lambda: 1.0) as store:
            store.open_views().make_anew([], recipe="r", order="o")
            store.keep_raw()
            store.retry()
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "theirs").rglob("*")}
    assert modes == dict.fromkeys(("a", "b", "out"), 0o700) | dict.fromkeys((*FILES, "raw.jsonl"), 0o600)
    assert stat.S_IMODE((tmp_path / "theirs").stat().st_mode) == 0o755


def test_a_second_open_is_refused_and_names_the_process(store: Store) -> None:
    with pytest.raises(StoreLocked) as refusal:
        open_store(store.directory, now=lambda: 1.0)
    assert f"(process {os.getpid()})" in refusal.value.message
    assert "--output" in refusal.value.hint
    assert again(store).run == 1


def test_a_directory_that_is_not_there_is_made_only_where_that_is_wanted(tmp_path: Path) -> None:
    with pytest.raises(StoreWriteFailed, match="No such file"):
        open_store(tmp_path / "mistyped", now=lambda: 1.0, make=False)
    assert not (tmp_path / "mistyped").exists()
    open_store(tmp_path / "meant", now=lambda: 1.0).close()
    open_store(tmp_path / "meant", now=lambda: 1.0, make=False).close()


@pytest.mark.parametrize("name", FILES)
def test_a_symbolic_link_in_the_directory_is_not_followed(tmp_path: Path, name: str) -> None:
    target = tmp_path / "precious"
    target.write_text("precious")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).symlink_to(target)
    with pytest.raises(StoreWriteFailed, match="Too many levels of symbolic links") as refusal:
        open_store(tmp_path / "out", now=lambda: 1.0).open_views()
    assert "symbolic link" in refusal.value.hint
    assert target.read_text() == "precious"


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(("make", "said"), [(Path.mkdir, "Is a directory"), (os.mkfifo, "it is not a regular file")])
def test_a_directory_or_a_pipe_in_a_file_s_place_is_told_and_nothing_hangs(
    tmp_path: Path, name: str, make: Callable[[Path], None], said: str
) -> None:
    (tmp_path / "out").mkdir()
    make(tmp_path / "out" / name)
    with pytest.raises(StoreWriteFailed, match=said) as refusal:
        open_store(tmp_path / "out", now=lambda: 1.0).open_views()
    assert "move it away" in refusal.value.hint
    if name != "failures.jsonl":  # which no command reads
        with pytest.raises(StoreWriteFailed, match=said):
            list(read_store(tmp_path / "out").records())


def test_a_directory_that_is_a_link_or_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "file").write_text("")
    for place in ("link", "file", "file/below"):
        with pytest.raises(StoreWriteFailed) as refusal:
            open_store(tmp_path / place, now=lambda: 1.0)
        assert "--output" in refusal.value.hint, place


class Refusing(OsFiles):
    """Fails the nth call of one method; counts them all."""

    def __init__(self, method: str, nth: int, error: int) -> None:
        self.method, self.nth, self.error = method, nth, error

    def _pass(self, method: str) -> None:
        if method == self.method:
            self.nth -= 1
            if self.nth == 0:
                raise OSError(self.error, os.strerror(self.error))

    def open(self, path: Path, flags: int) -> int:
        self._pass("open")
        return super().open(path, flags)

    def size(self, fd: int) -> int:
        self._pass("size")
        return super().size(fd)

    def read(self, fd: int, size: int, offset: int) -> bytes:
        self._pass("read")
        return super().read(fd, size, offset)

    def write(self, fd: int, data: bytes) -> int:
        self._pass("write")
        return super().write(fd, data)

    def fdatasync(self, fd: int) -> None:
        self._pass("fdatasync")
        super().fdatasync(fd)

    def rename(self, source: Path, target: Path) -> None:
        self._pass("rename")
        super().rename(source, target)

    def sync_directory(self, path: Path) -> None:
        self._pass("sync_directory")
        super().sync_directory(path)

    def lock(self, fd: int, *, exclusive: bool) -> bool:
        self._pass("lock")
        return super().lock(fd, exclusive=exclusive)

    def is_at(self, fd: int, path: Path) -> bool:
        self._pass("is_at")
        return super().is_at(fd, path)


def failure_of(action: Callable[[], None]) -> StoreError | None:
    try:
        action()
    except StoreError as failure:
        return failure
    return None


def drop(directory: Path, files: OsFiles, key: str) -> None:
    with open_store(directory, now=lambda: 1.0, files=files, make=False) as opened:
        opened.drop([key])


def read(directory: Path, files: OsFiles) -> None:
    list(read_store(directory, files=files).records())


METHODS = ["open", "size", "read", "write", "fdatasync", "rename", "sync_directory", "lock", "is_at"]


@pytest.mark.parametrize("method", METHODS)
async def test_an_error_at_any_call_of_a_drop_is_one_clear_message_and_the_next_one_drops(
    store: Store, answered: Callable[..., Answered], key: Callable[[int], str], method: str
) -> None:
    await write(store, answers=[answered(number) for number in range(4)])
    store.close()
    answers = (store.directory / "answers.jsonl").read_bytes()
    for nth in range(1, 100):
        files = Refusing(method, nth, errno.EIO)
        failure = failure_of(partial(drop, store.directory, files, key(1)))
        assert failure is None or isinstance(failure, StoreWriteFailed)
        assert failure is None or ("Input/output error" in failure.message and "check it (dmesg)" in failure.hint)
        if files.nth > 0:
            assert nth > 1, "the fault never struck"
            break
    with open_store(store.directory, now=lambda: 1.0) as last:
        last.drop([key(1)])
        assert (last.generation(key(1)), len(last.answered)) == (1, 3)
    assert (store.directory / "answers.jsonl").read_bytes() == answers


async def test_a_drop_that_is_noted_says_so_where_the_views_can_not_be_written(
    store: Store, answered: Callable[..., Answered], key: Callable[[int], str]
) -> None:
    await write(store, answers=[answered(1), answered(2)])
    store.close()
    failure = failure_of(partial(drop, store.directory, Refusing("rename", 1, errno.EACCES), key(1)))
    assert failure is not None
    assert "records.jsonl" in failure.message
    assert "it is noted and counts" in failure.message
    with open_store(store.directory, now=lambda: 1.0) as last:
        assert not last.has(key(1))


@pytest.mark.parametrize("error", [errno.EIO, errno.EACCES, errno.ENOLCK])
@pytest.mark.parametrize("method", ["open", "size", "read", "lock"])
async def test_an_error_at_any_call_of_a_reader_is_one_clear_message(
    store: Store, answered: Callable[..., Answered], method: str, error: int
) -> None:
    await write(store, answers=[answered(number) for number in range(4)])
    store.close()
    for nth in range(1, 100):
        files = Refusing(method, nth, error)
        failure = failure_of(partial(read, store.directory, files))
        assert failure is None or (os.strerror(error) in failure.message and failure.hint)
        if files.nth > 0:
            break


def test_a_file_system_without_locks_is_told_of(tmp_path: Path) -> None:
    for read in (
        lambda: open_store(tmp_path / "out", now=lambda: 1.0, files=Refusing("lock", 1, errno.ENOLCK)),
        lambda: read_store(tmp_path / "out", files=Refusing("lock", 1, errno.ENOLCK)),
    ):
        with pytest.raises(StoreWriteFailed, match=r"can't lock .*No locks available") as refusal:
            read()
        assert "choose a local one with --output" in refusal.value.hint


async def test_retry_clears_dead_letters_by_reason(store: Store, given_up: Callable[..., GivenUp]) -> None:
    await write(store, given_up=[given_up(1, "refusal"), given_up(2, "timeout"), given_up(3, "refusal")])
    assert store.has(given_up(1).sample.key)
    assert store.totals.failures == {"refusal": 2, "timeout": 1}
    assert store.retry({"refusal"}) == 2
    assert store.retry({"refusal"}) == 0
    assert not store.has(given_up(1).sample.key)
    assert [letter.reason for letter in store.dead.values()] == ["timeout"]
    assert keys_in(store.directory / "failures.jsonl") == [given_up(2).sample.key]
    assert again(store).totals.failures == {"timeout": 1}


async def test_drop_takes_records_out_and_keeps_the_answers_and_their_money(
    store: Store, answered: Callable[..., Answered], key: Callable[[int], str]
) -> None:
    await write(store, answers=[answered(number) for number in range(5)])
    before = (store.directory / "answers.jsonl").read_bytes()
    assert store.drop([key(1), key(3), key(9), "f" * 32]) == 2
    for there in (store, again(store)):
        assert keys_in(store.directory / "records.jsonl") == [key(0), key(2), key(4)]
        assert [there.has(key(number)) for number in range(5)] == [True, False, True, False, True]
        assert [there.generation(key(number)) for number in range(5)] == [0, 1, 0, 1, 0]
        assert (there.totals.answers, there.totals.dropped.calls) == (3, 2)
        assert there.totals.picodollars == 5 * 500
        assert there.recovered == ()
        there.close()
    assert (store.directory / "answers.jsonl").read_bytes() == before


async def test_a_dropped_answer_is_made_again_and_can_be_dropped_again(
    store: Store, answered: Callable[..., Answered], key: Callable[[int], str]
) -> None:
    await write(store, answers=[answered(1)])
    assert store.drop([key(1)]) == 1
    await write(store, answers=[answered(1, generation=1, text="second")])
    reopened = again(store)
    assert reopened.recovered == ()
    assert [record["completion"] for record in reopened.records()] == ["second"]
    assert (reopened.drop([key(1)]), reopened.drop([key(1)])) == (1, 0)
    assert reopened.generation(key(1)) == 2
    reopened.close()


async def test_an_answer_that_no_sync_has_noted_can_be_dropped_at_once(
    store: Store, answered: Callable[..., Answered], key: Callable[[int], str]
) -> None:
    """Its group must come before the drop in the manifest, or it would be there again."""
    writer = Writer(store, raw_log=False)
    running = asyncio.create_task(writer.run())
    writer.answered(answered(1))
    await writer.written()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert store.drop([key(1)]) == 1
    with again(store) as reopened:
        assert (reopened.has(key(1)), reopened.generation(key(1)), reopened.totals.dropped.calls) == (False, 1, 1)


async def test_drops_of_several_runs_are_told_by_run(
    store: Store, answered: Callable[..., Answered], key: Callable[[int], str]
) -> None:
    await write(store, answers=[answered(1), answered(2, cost=None)])
    store.begin_run(recipe="r", order="o", facts={})
    await write(store, answers=[answered(3, cost=70)])
    assert store.drop([key(3), key(2), key(1)]) == 3
    for there in (store, again(store)):
        first, second = there.runs
        assert (first.totals.answers, second.totals.answers) == (0, 0)
        assert (first.totals.dropped.calls, first.totals.dropped.unknown, first.totals.dropped.picodollars) == (
            2,
            1,
            500,
        )
        assert second.totals.dropped.picodollars == 70
        there.close()


async def test_calls_without_an_end_are_lost_once_and_named(
    store: Store, call: Callable[..., Call], answered: Callable[..., Answered], failed: Callable[..., Failed]
) -> None:
    calls = [call(1), call(2), call(3), call(3, attempt=2, sent_at=1001.0), call(4, sent_at=1002.0)]
    await write(store, calls=calls, failed=[failed(3)], answers=[answered(1)])
    snapshot = read_store(store.directory)
    assert snapshot.running
    assert snapshot.under_way == (calls[1], *calls[3:])
    assert snapshot.newly_lost == ()
    store.close()
    assert read_store(store.directory).newly_lost == snapshot.under_way
    reopened = open_store(store.directory, now=lambda: 3000.0)
    assert reopened.newly_lost == snapshot.under_way
    assert (reopened.totals.lost.calls, reopened.totals.lost.picodollars) == (3, 2100)
    third = again(reopened)
    assert third.newly_lost == ()
    assert third.lost == snapshot.under_way
    assert third.totals == reopened.totals
    third.close()


@pytest.mark.parametrize("how", ["end_run", "begin_run"])
async def test_calls_that_are_cut_off_without_an_end_are_lost_when_their_run_ends(
    store: Store, call: Callable[..., Call], how: str
) -> None:
    """So that the next open need not look for them: at the end of a run every call has its end."""
    await write(store, calls=[call(1), call(2)])
    if how == "end_run":
        store.end_run("failed")
    else:
        store.begin_run(recipe="r", order="o", facts={})
    with again(store) as reopened:
        assert (reopened.newly_lost, reopened.lost) == ((), (call(1), call(2)))
        assert reopened.runs[0].totals.lost.calls == 2


async def test_the_ledger_tells_every_kind_of_money_by_run(
    store: Store, call: Callable[..., Call], answered: Callable[..., Answered], failed: Callable[..., Failed]
) -> None:
    rejected, maybe = failed(2, Billing.YES, 90), failed(3, Billing.MAYBE, 80)
    await write(store, calls=[call(n) for n in range(1, 6)], answers=[answered(1)], failed=[rejected, maybe, failed(4)])
    store.end_run("complete")
    reopened = again(store)
    reopened.begin_run(recipe="s", order="o", facts={"fingerprint": "g"})
    await write(reopened, answers=[answered(6), answered(7, cost=None)])
    first, second = reopened.runs
    assert (first.ended, second.ended, first.recipe, second.recipe) == ("complete", None, "r", "s")
    assert (first.totals.calls, first.totals.answered.picodollars) == (5, 500)
    assert (first.totals.rejected.picodollars, first.totals.rejected.completion_tokens) == (90, 7)
    assert (first.totals.maybe.picodollars, first.totals.lost.picodollars) == (80, 700)
    assert first.totals.faults == {"refusal": 3}
    assert (second.totals.answers, second.totals.cost_known) == (2, False)
    assert reopened.totals.paid.picodollars == 500 + 90 + 500
    assert reopened.totals.uncertain.picodollars == 80 + 700
    assert reopened.last_facts == {"fingerprint": "g"}
    final = again(reopened)
    assert final.runs == reopened.runs
    assert final.totals == reopened.totals
    final.close()


async def test_send_times_survive_a_restart_for_the_windows(tmp_path: Path, call: Callable[..., Call]) -> None:
    with open_store(tmp_path / "out", now=lambda: 1080.0) as store:
        store.begin_run(recipe="r", order="o", facts={})
        await write(store, calls=[call(number, sent_at=1000.0 + 20 * number) for number in range(5)])
        store.end_run("interrupted")
    with open_store(tmp_path / "out", now=lambda: 1100.0) as reopened:
        assert reopened.recent_calls(1030.0) == [(1040.0, 300, ""), (1060.0, 300, ""), (1080.0, 300, "")]
    with open_store(tmp_path / "out", now=lambda: 3000.0) as much_later:
        assert much_later.recent_calls(0.0) == []


def test_a_manifest_of_a_later_version_is_refused(store: Store) -> None:
    manifest = store.directory / "manifest.jsonl"
    store.close()
    header, *rest = manifest.read_bytes().splitlines(keepends=True)
    later = {**json.loads(header), "schema": 3}
    del later["crc"]
    manifest.write_bytes(seal(later) + b"".join(rest))
    for read in (lambda: open_store(store.directory, now=lambda: 1.0), lambda: read_store(store.directory)):
        with pytest.raises(StoreError, match="another version"):
            read()


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


async def test_samples_noted_as_ended_are_known_to_the_next_open_until_something_is_taken_out(
    store: Store, answered: Callable[..., Answered], given_up: Callable[..., GivenUp], key: Callable[[int], str]
) -> None:
    store.note_ended("order", 3)
    await write(store, answers=[answered(1), answered(2)], given_up=[given_up(3)])
    second = again(store)
    assert (second.ended("order"), second.ended("another order")) == (3, 0)
    assert second.viewed("order") == 0, "the views were noted before"
    second.retry()
    third = again(second)
    assert (second.ended("order"), third.ended("order")) == (0, 0)
    third.open_views()
    third.note_ended("order", 2)
    await write(third, answers=[answered(4)])
    fourth = again(third)
    assert fourth.ended("order") == 2
    fourth.drop([key(1)])
    last = again(fourth)
    assert (fourth.ended("order"), last.ended("order"), last.viewed("order")) == (0, 0, 0)
    last.close()


async def test_what_the_views_lack_is_known(
    store: Store, answered: Callable[..., Answered], given_up: Callable[..., GivenUp], key: Callable[[int], str]
) -> None:
    await write(store, answers=[answered(1)], given_up=[given_up(2)])
    assert (store.new_answers, list(store.new_dead), store.cleared) == ([], [], frozenset())
    store.open_views().up_to_date = False  # as after a kill, when nobody has brought them up to date
    await write(store, answers=[answered(3)], given_up=[given_up(4)])
    for there in (store, again(store)):
        assert (there.new_answers, list(there.new_dead)) == ([key(3)], [key(4)])
        there.close()
