from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from asyncsynth.store.snapshot import read_store
from asyncsynth.store.store import Store, open_store
from asyncsynth.store.writer import Writer
from asyncsynth.values import Answered


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "out", now=lambda: 2000.0) as opened:
        opened.open_views().make_anew([], recipe="r", order="o")
        opened.begin_run(recipe="r", order="o", facts={})
        yield opened


def test_an_empty_place_is_an_empty_store_and_stays_so(tmp_path: Path) -> None:
    for place in ("nothing", "nothing/below"):
        snapshot = read_store(tmp_path / place)
        assert (snapshot.totals.answers, list(snapshot.records()), snapshot.last_facts) == (0, [], None)
        assert not snapshot.running
    assert not list(tmp_path.iterdir())


async def test_a_snapshot_beside_a_run_changes_nothing_and_sees_what_is_written(
    store: Store, answered: Callable[..., Answered]
) -> None:
    writer = Writer(store, raw_log=False)
    running = asyncio.create_task(writer.run())
    writer.answered(answered(1))
    await writer.written()
    with (store.directory / "records.jsonl").open("ab") as other:
        other.write(b'{"key": "half a li')
    before = {path.name: path.read_bytes() for path in store.directory.iterdir()}
    snapshot = read_store(store.directory)
    assert (snapshot.running, snapshot.totals.answers, len(list(snapshot.records()))) == (True, 1, 1)
    assert {path.name: path.read_bytes() for path in store.directory.iterdir()} == before
    with pytest.raises(Exception, match="another program"):
        await write_more(writer, answered)
    await asyncio.gather(running, return_exceptions=True)


async def write_more(writer: Writer, answered: Callable[..., Answered], number: int = 2) -> None:
    writer.answered(answered(number))
    await writer.written()


@pytest.mark.parametrize("torn", [b'{"key":"ab', b"\0"])
async def test_a_line_that_is_being_written_is_left_out(
    store: Store, answered: Callable[..., Answered], torn: bytes
) -> None:
    writer = Writer(store, raw_log=False)
    running = asyncio.create_task(writer.run())
    writer.answered(answered(1))
    await writer.close()
    await running
    store.close()
    for name in ("answers.jsonl", "manifest.jsonl"):
        path = store.directory / name
        path.write_bytes(path.read_bytes() + torn.replace(b"key", b"type" if name == "manifest.jsonl" else b"key"))
    assert read_store(store.directory).totals.answers == 1


def test_a_run_that_has_ended_is_not_running(store: Store) -> None:
    assert read_store(store.directory).running
    store.close()
    assert not read_store(store.directory).running


async def test_its_answers_stay_what_they_were_while_the_run_goes_on(
    store: Store, answered: Callable[..., Answered], key: Callable[[int], str]
) -> None:
    writer = Writer(store, raw_log=False)
    running = asyncio.create_task(writer.run())
    writer.answered(answered(1))
    writer.answered(answered(2))
    await writer.written()
    snapshot = read_store(store.directory)
    await write_more(writer, answered, 3)
    with snapshot.open_answers(shared=False) as look_up:
        assert look_up is not None
        for answers in (look_up(), look_up()):
            assert [answers.parts(key(number).encode()) is not None for number in (2, 3, 1)] == [True, False, True]
    await writer.close()
    await running


async def test_an_answer_whose_newline_is_missing_is_found(
    store: Store, answered: Callable[..., Answered], key: Callable[[int], str]
) -> None:
    writer = Writer(store, raw_log=False)
    running = asyncio.create_task(writer.run())
    writer.answered(answered(1))
    await writer.written()
    writer.answered(answered(2))
    await writer.written()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    path = store.directory / "answers.jsonl"
    path.write_bytes(path.read_bytes()[:-1])
    with read_store(store.directory).open_answers(shared=False) as look_up:
        assert look_up is not None
        assert [look_up().parts(key(number).encode()) is not None for number in (2, 1)] == [True, True]
    path.write_bytes(path.read_bytes() + b"\n")
