"""Promise 5: files that are moved, replaced or deleted under a run stop it, and nothing that was paid is lost."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from asyncsynth.errors import StoreLocked, StoreTakenAway, StoreWriteFailed
from asyncsynth.store.files import OsFiles
from asyncsynth.store.snapshot import read_store
from asyncsynth.store.store import Store, open_store
from asyncsynth.store.writer import GROUP_S, Writer
from asyncsynth.values import Answered, Call


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "runs" / "out"


@pytest.fixture
def store(directory: Path) -> Iterator[Store]:
    opened = open_store(directory, now=lambda: 2000.0)
    opened.open_views().make_anew([], recipe="r", order="o")
    opened.begin_run(recipe="r", order="o", facts={})
    yield opened
    try:
        opened.close()
    except StoreTakenAway:
        pytest.fail("it was told before")


async def run_while(
    store: Store, call: Callable[..., Call], answered: Callable[..., Answered], meanwhile: Callable[[], object]
) -> StoreTakenAway:
    """Two answers before, the sync that notices, two answers of calls under way, the end; returns what was told."""
    writer = Writer(store, raw_log=True)
    running = asyncio.create_task(writer.run())
    for number in range(4):
        writer.started(call(number))
    await writer.written()
    for number in range(2):
        writer.answered(answered(number))
    await writer.written()
    meanwhile()
    refused = None
    for _ in range(60):
        await asyncio.sleep(GROUP_S / 4)
        try:
            writer.started(call(9, attempt=9))
        except StoreTakenAway as error:
            refused = error
            break
    assert refused is not None, "calls went on for 3 s"
    for number in (2, 3):
        writer.answered(answered(number))
        await writer.written()
    with pytest.raises(StoreTakenAway):
        await writer.close()
    with pytest.raises(StoreTakenAway) as told:
        await running
    assert told.value.exit_status == 5
    return told.value


def texts(path: Path) -> set[str]:
    return {json.loads(line)["key"] for line in path.read_text().splitlines()}


def exists(path: Path) -> bool:
    return path.exists()


def four(key: Callable[[int], str]) -> set[str]:
    return {key(number) for number in range(4)}


async def test_a_directory_that_moved_is_named_and_has_every_answer(
    store: Store,
    directory: Path,
    call: Callable[..., Call],
    answered: Callable[..., Answered],
    key: Callable[[int], str],
) -> None:
    moved = directory.with_name("elsewhere")
    told = await run_while(store, call, answered, lambda: directory.rename(moved))
    assert f"moved to {moved}" in told.message
    assert f"--output {moved}" in told.hint
    assert texts(moved / "answers.jsonl") == texts(moved / "records.jsonl") == four(key)
    store.end_run("failed")
    store.close()
    with open_store(moved, now=lambda: 1.0) as again:
        assert (again.recovered, len(again.answered)) == ((), 4)
    assert not exists(directory)


async def test_a_directory_that_was_deleted_is_saved_beside(
    store: Store,
    directory: Path,
    call: Callable[..., Call],
    answered: Callable[..., Answered],
    key: Callable[[int], str],
) -> None:
    told = await run_while(store, call, answered, lambda: shutil.rmtree(directory))
    saved = directory.with_name("out.saved")
    assert f"saved in {saved}" in told.message
    assert f"--output {saved}" in told.hint
    assert texts(saved / "answers.jsonl") == four(key)
    store.close()
    with open_store(saved, now=lambda: 1.0) as again:
        assert all(each in again.answered for each in four(key))
        assert again.totals.answers == 4
    assert not exists(directory)


async def test_a_directory_whose_parent_was_deleted_too_is_saved_where_it_was(
    store: Store,
    directory: Path,
    call: Callable[..., Call],
    answered: Callable[..., Answered],
    key: Callable[[int], str],
) -> None:
    told = await run_while(store, call, answered, lambda: shutil.rmtree(directory.parent))
    assert texts(directory.with_name("out.saved") / "answers.jsonl") == four(key), told.message


def rewrite(path: Path) -> None:
    """As an editor saves, and `git checkout`."""
    copy = path.with_name("copy")
    shutil.copy(path, copy)
    copy.rename(path)


@pytest.mark.parametrize("name", ["answers.jsonl", "manifest.jsonl"])
@pytest.mark.parametrize("take", [Path.unlink, rewrite])
async def test_a_file_of_the_truth_that_was_deleted_or_replaced_is_saved_with_the_other(
    store: Store, directory: Path, call: Callable[..., Call], answered: Callable[..., Answered],
    key: Callable[[int], str], name: str, take: Callable[[Path], None],
) -> None:  # fmt: skip
    told = await run_while(store, call, answered, lambda: take(directory / name))
    saved = directory.with_name("out.saved")
    assert told.message.startswith(f"in {directory}, {name} was deleted or replaced")
    assert texts(saved / "answers.jsonl") == four(key)
    store.close()
    with open_store(saved, now=lambda: 1.0) as again:
        assert again.totals.answers == 4


async def test_a_copy_never_goes_over_another_one(
    store: Store,
    directory: Path,
    call: Callable[..., Call],
    answered: Callable[..., Answered],
    key: Callable[[int], str],
) -> None:
    earlier = directory.with_name("out.saved") / "answers.jsonl"
    earlier.parent.mkdir(parents=True)
    earlier.write_text("precious")
    told = await run_while(store, call, answered, lambda: shutil.rmtree(directory))
    assert "out.saved-2" in told.message
    assert earlier.read_text() == "precious"
    assert texts(directory.with_name("out.saved-2") / "answers.jsonl") == four(key)


async def test_a_file_that_was_moved_alone_is_named(
    store: Store,
    directory: Path,
    call: Callable[..., Call],
    answered: Callable[..., Answered],
    key: Callable[[int], str],
) -> None:
    moved = directory.parent / "answers.jsonl"
    told = await run_while(store, call, answered, lambda: (directory / "answers.jsonl").rename(moved))
    assert f"moved to {directory.parent}" in told.message
    assert texts(moved) == four(key)


@pytest.mark.parametrize("name", ["records.jsonl", "failures.jsonl", "raw.jsonl", "lock"])
@pytest.mark.parametrize("take", [Path.unlink, rewrite])
async def test_what_can_be_made_again_stops_the_run_too_and_costs_nothing(
    store: Store, directory: Path, call: Callable[..., Call], answered: Callable[..., Answered],
    key: Callable[[int], str], name: str, take: Callable[[Path], None],
) -> None:  # fmt: skip
    told = await run_while(store, call, answered, lambda: take(directory / name))
    assert name in told.message
    assert "all answers are kept" in told.message
    assert texts(directory / "answers.jsonl") == four(key)
    assert not exists(directory.with_name("out.saved"))


def test_a_second_run_is_refused_though_the_lock_file_was_deleted(store: Store, directory: Path) -> None:
    (directory / "lock").unlink()
    with pytest.raises(StoreLocked):
        open_store(directory, now=lambda: 1.0)
    with pytest.raises(StoreTakenAway, match="lock was moved"):
        store.close()


def test_what_comes_after_the_last_sync_is_told_by_close(store: Store, directory: Path) -> None:
    store.end_run("complete")
    shutil.rmtree(directory)
    with pytest.raises(StoreTakenAway, match="deleted or replaced"):
        store.close()
    store.close()
    assert read_store(directory.with_name("out.saved")).runs[0].ended == "complete"


def test_where_nothing_can_be_saved_the_reason_is_told(directory: Path) -> None:
    class Full(OsFiles):
        def write(self, fd: int, data: bytes) -> int:
            if not directory.exists():
                raise OSError(28, "No space left on device")
            return super().write(fd, data)

    store = open_store(directory, now=lambda: 1.0, files=Full())
    store.begin_run(recipe="r", order="o", facts={})
    shutil.rmtree(directory)
    with pytest.raises(StoreWriteFailed, match=r"can't save answers in .*out.saved.*No space left"):
        store.close()


def test_a_working_directory_can_be_saved_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    store = open_store(Path(), now=lambda: 1.0)
    Path("answers.jsonl").unlink()
    with pytest.raises(StoreTakenAway):
        store.close()
    assert (tmp_path / "here.saved" / "answers.jsonl").exists()


def test_a_directory_that_was_deleted_with_the_working_directory_is_saved_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    store = open_store(Path("out"), now=lambda: 1.0)
    shutil.rmtree(tmp_path / "here")
    with pytest.raises(StoreTakenAway, match=re.escape(f"saved in {tmp_path / 'here/out.saved'}")):
        store.close()
    assert (tmp_path / "here/out.saved/answers.jsonl").exists()
