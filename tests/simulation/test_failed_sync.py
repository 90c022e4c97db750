"""What an earlier process left in the page cache, when a sync of the next one fails: the kernel then calls it clean."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import pytest

from asyncsynth.errors import StoreWriteFailed
from asyncsynth.store.store import Store, open_store
from asyncsynth.store.writer import Writer
from asyncsynth.values import Answer, Answered, Call, Request, Row, Sample, Usage
from tests.cells import cells
from tests.simulation.disk import Disk, Write
from tests.simulation.files import ProcessFiles, Trap
from tests.simulation.wish import DIRECTORY

KEYS = [f"{number:032x}" for number in range(3)]


async def never(work: Callable[[], None]) -> None:
    del work
    await asyncio.get_running_loop().create_future()


async def write_all(store: Store) -> None:
    writer = Writer(store, raw_log=False, sync=never)
    running = asyncio.create_task(writer.run())
    for key in KEYS:
        writer.started(Call(key, 0, 1, 1000.0, 300, 700))
        await writer.written()
        request, rows = Request(Sample(key, {"n": 1}, 0), 0, "asked", None), (Row({"n": 1}, 0, {"prompt": "n: "}),)
        writer.answered(Answered(request, Answer("text", "stop", Usage(5, 7), "m", b"{}"), 1, 1, 0.1, 1e9, rows))
        await writer.written()
    writer.started(Call("f" * 32, 0, 1, 1000.0, 300, 700))
    await writer.written()
    running.cancel()
    await asyncio.wait([running])


def process(disk: Disk, trap: Trap | None = None) -> ProcessFiles:
    return ProcessFiles(disk, random.Random(1), lambda: 0.0, lambda _: None, trap)


TORN = {"answers.jsonl": b'{"ke', "manifest.jsonl": b'{"ty'}


@pytest.mark.parametrize(("nth", "seed", "torn"), cells(range(1, 9), range(4), [{}, TORN], one_in=2))
def test_promise_5_a_sync_that_failed_in_an_open_loses_nothing_that_an_open_after_it_confirmed(
    nth: int, seed: int, torn: dict[str, bytes]
) -> None:
    disk = Disk()
    killed = process(disk)
    store = open_store(DIRECTORY, now=lambda: 2000.0, files=killed)
    store.begin_run(recipe="r", order="o", facts={})
    asyncio.run(write_all(store))
    killed.end(power=False)
    for name, bytes_of_a_line in torn.items():
        file = disk.names[DIRECTORY / name]
        file.apply(Write(len(file.data), bytes_of_a_line))

    ill = process(disk, Trap("sync_eio", nth))
    try:
        open_store(DIRECTORY, now=lambda: 2100.0, files=ill).close()
    except StoreWriteFailed:
        ill.end(power=False)
    with open_store(DIRECTORY, now=lambda: 2200.0, files=process(disk)) as well:
        assert sorted(well.answered) == KEYS
    disk.cut_power(random.Random(seed))
    with open_store(DIRECTORY, now=lambda: 2300.0, files=process(disk)) as after:
        assert sorted(after.answered) == KEYS
        assert [call.key for call in after.lost] == ["f" * 32]
        assert after.recovered == ()
