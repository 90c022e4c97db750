"""Runs in scripts: to the end, beside other code, in a loop of one's own; Ctrl-C drains; nothing else is touched."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

import asyncsynth as syn
from asyncsynth.api import work
from asyncsynth.app.job import Job
from asyncsynth.app.run import Run, open_run
from asyncsynth.store.files import OsFiles
from asyncsynth.store.snapshot import is_locked
from tests.cli.conftest import environment
from tests.forked import Forked
from tests.patience import LONGEST_S

Build = Callable[..., syn.Recipe]


def test_run_makes_everything_and_a_second_one_makes_no_call(recipe: Build, tmp_path: Path) -> None:
    result = syn.run(recipe(16), output=tmp_path / "out")
    assert (result.made, result.reused, result.dead, result.missing, result.calls) == (16, 0, 0, 0, 16)
    assert result.stopped_by is None
    assert result.cost_usd is not None
    assert result.cost_usd > 0
    assert len(result.records.read_text().splitlines()) == 16
    again = syn.run(recipe(16), output=tmp_path / "out")
    assert (again.made, again.reused, again.calls) == (0, 16, 0)
    assert again.cost_usd == result.cost_usd


def test_a_spend_cap_is_a_result_and_no_exception(recipe: Build, tmp_path: Path) -> None:
    result = syn.run(recipe(16, max_cost_usd=0.0005), output=tmp_path / "out")
    assert isinstance(result.stopped_by, syn.SpendCapReached)
    assert 0 < result.missing < 16
    assert result.cost_usd is not None
    assert result.cost_usd <= 0.0005


def test_what_quality_stops_is_a_result_and_no_exception(tmp_path: Path) -> None:
    alike = syn.Recipe(
        axes={"n": range(200)},
        prompt={"request": "{{ n }}"},
        record={"prompt": "{{ n }}"},
        endpoint={"provider": "simulator", "simulator": {"latency_s": 0.0}, "parameters": {"max_tokens": 3}},
        limits={"concurrency": 2},
        quality={"stop_when": {"opening": 0.5}},
    )
    result = syn.run(alike, output=tmp_path / "out")
    assert isinstance(result.stopped_by, syn.Collapsed)
    assert 0 < result.made < 200


def test_records_can_be_read_once_the_run_has_ended(recipe: Build, tmp_path: Path) -> None:
    with syn.start(recipe(8), output=tmp_path / "out") as run:
        result = run.wait()
    assert result is not None
    assert len(list(run)) == result.made == 8


async def test_a_run_whose_opening_is_cancelled_gives_its_directory_back(
    recipe: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slowly(job: Job, *, accept_changes: bool) -> Run:
        begun.set()
        assert go_on.wait(LONGEST_S)
        opened.append(open_run(job, accept_changes=accept_changes))
        return opened[0]

    opened: list[Run] = []
    monkeypatch.setattr(work, "open_run", slowly)
    entering = asyncio.create_task(syn.start_async(recipe(8), output=tmp_path / "out").__aenter__())
    await asyncio.to_thread(begun.wait, LONGEST_S)
    entering.cancel()
    await asyncio.wait([entering])
    assert entering.cancelled()
    go_on.set()
    until = time.monotonic() + LONGEST_S
    while is_locked(OsFiles(), tmp_path / "out" / "lock") or not opened:
        assert time.monotonic() < until
        await asyncio.sleep(0.01)


def test_what_the_endpoint_stopped_is_an_exception(recipe: Build, tmp_path: Path) -> None:
    broken = syn.Recipe(
        axes={"n": [1, 2]},
        prompt={"request": "{{ n }}"},
        record={"prompt": "{{ n }}"},
        endpoint={"provider": "openai", "base_url": "http://127.0.0.1:9/v1", "model": "m"},
        limits={"max_attempts": 1},
    )
    with pytest.raises(syn.EndpointStopped):
        syn.run(broken, output=tmp_path / "out")


def test_a_changed_recipe_is_refused_until_it_is_accepted(recipe: Build, tmp_path: Path) -> None:
    syn.run(recipe(8), output=tmp_path / "out")
    other = syn.Recipe(
        axes={"genre": ["horror"]},
        prompt={"request": "Another {{ genre }}"},
        record={"prompt": "x"},
        endpoint={"provider": "simulator", "model": "m"},
    )
    with pytest.raises(syn.RecipeChanged):
        syn.run(other, output=tmp_path / "out")
    assert syn.run(other, output=tmp_path / "out", accept_changes=True).made == 1


def test_records_come_as_they_are_committed(recipe: Build, tmp_path: Path) -> None:
    with syn.start(recipe(32, latency_s=0.05), output=tmp_path / "out") as run:
        seen = []
        for record in run:
            seen.append(record["key"])
            if len(seen) == 4:
                assert run.progress is not None
                assert run.progress.total == 32
        result = run.wait()
    assert result is not None
    assert result.made == len(set(seen)) == 32


def test_only_the_records_of_this_run_are_given(recipe: Build, tmp_path: Path) -> None:
    syn.run(recipe(8), output=tmp_path / "out")
    with syn.start(recipe(16), output=tmp_path / "out") as run:
        assert len(list(run)) == 8


def test_leaving_the_block_drains_and_everything_answered_is_kept(recipe: Build, tmp_path: Path) -> None:
    with syn.start(recipe(400, latency_s=0.05), output=tmp_path / "out") as run:
        next(iter(run))
    result = run.wait()
    assert result is not None
    assert isinstance(result.stopped_by, syn.Interrupted)
    assert 0 < result.made < 400
    assert result.made == sum(1 for _ in syn.open(tmp_path / "out").records())
    assert result.calls == result.made


def test_a_slow_reader_neither_blocks_the_run_nor_fills_the_memory(recipe: Build, tmp_path: Path) -> None:
    with syn.start(recipe(600), output=tmp_path / "out") as run:
        records = iter(run)
        next(records)
        until = time.monotonic() + LONGEST_S
        while not run.done and time.monotonic() < until:
            time.sleep(0.02)
        assert run.done, "the run has ended though only one record was read"
        tracemalloc.start()
        assert sum(1 for _ in records) == 599
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 4_000_000


async def test_in_a_loop_of_one_s_own(recipe: Build, tmp_path: Path) -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.005)
            ticks += 1

    ticking = asyncio.create_task(tick())
    async with syn.start_async(recipe(32, latency_s=0.05), output=tmp_path / "out") as run:
        keys = [record["key"] async for record in run]
        result = await run.wait()
    ticking.cancel()
    assert result.made == len(set(keys)) == 32
    assert ticks > 5, "the loop went on with other work"


async def test_run_works_beside_a_running_loop(recipe: Build, tmp_path: Path) -> None:
    assert syn.run(recipe(8), output=tmp_path / "out").made == 8


async def test_an_async_run_that_is_left_early_drains(recipe: Build, tmp_path: Path) -> None:
    async with syn.start_async(recipe(400, latency_s=0.05), output=tmp_path / "out") as run:
        async for _ in run:
            break
    result = await run.wait()
    assert isinstance(result.stopped_by, syn.Interrupted)
    assert result.calls == result.made < 400


async def test_a_second_cancellation_cuts_the_calls_off_and_waits_for_what_is_kept(
    recipe: Build, tmp_path: Path
) -> None:
    async def make() -> None:
        async with syn.start_async(recipe(400, latency_s=LONGEST_S), output=tmp_path / "out") as run:
            until = time.monotonic() + LONGEST_S
            while (look := run.progress) is None or not look.in_flight:
                assert time.monotonic() < until
                await asyncio.sleep(0.01)
            begun.set()
            await run.wait()

    begun = asyncio.Event()
    making = asyncio.create_task(make())
    await begun.wait()
    making.cancel()
    await asyncio.sleep(0)
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making
    assert not is_locked(OsFiles(), tmp_path / "out" / "lock"), "the run has ended"


def test_a_child_that_was_forked_holds_no_directory_and_ends_no_run(recipe: Build, tmp_path: Path) -> None:
    with syn.start(recipe(16, latency_s=0.05), output=tmp_path / "out") as run:
        next(iter(run))
        child = os.fork()
        if child == 0:
            try:
                run.__exit__(None, None, None)
                run.wait()
            except syn.UsageError:
                signal.pause()
            finally:
                os._exit(1)
        run.wait()
    try:
        assert os.waitpid(child, os.WNOHANG) == (0, 0), "it lives"
        assert syn.run(recipe(16), output=tmp_path / "out").reused == 16
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_two_runs_in_two_directories_at_a_time(recipe: Build, tmp_path: Path) -> None:
    with (
        syn.start(recipe(32, latency_s=0.02), output=tmp_path / "one") as one,
        syn.start(recipe(32, latency_s=0.02), output=tmp_path / "two") as two,
    ):
        assert len(list(one)) == len(list(two)) == 32


def test_the_script_may_change_its_working_directory_while_a_run_works(
    recipe: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with syn.start(recipe(16, latency_s=0.02), output="out") as run:
        monkeypatch.chdir("/")
        result = run.wait()
    assert result is not None
    assert (result.made, result.directory) == (16, tmp_path / "out")


def test_a_second_run_on_the_same_directory_is_refused(recipe: Build, tmp_path: Path) -> None:
    with syn.start(recipe(100, latency_s=0.05), output=tmp_path / "out"), pytest.raises(syn.StoreLocked):
        syn.run(recipe(100), output=tmp_path / "out")


SCRIPT = """
import sys, asyncsynth as syn
recipe = syn.Recipe(axes={"n": list(range(400))}, prompt={"request": "{{ n }}"}, record={"prompt": "{{ n }}"},
                    endpoint={"provider": "simulator", "model": "m", "simulator": {"latency_s": 0.1}})
with open("begun", "w"): pass
result = syn.run(recipe, output="out")
print(type(result.stopped_by).__name__, result.made, result.calls)
"""


def test_ctrl_c_in_a_script_drains_and_gives_the_result(tmp_path: Path) -> None:
    process = Forked(["-c", SCRIPT], cwd=tmp_path, env=environment(), stderr=2)
    records, until = tmp_path / "out/records.jsonl", time.monotonic() + LONGEST_S
    while not records.exists() or records.stat().st_size < 2000:
        assert time.monotonic() < until
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=LONGEST_S)
    assert process.returncode == 0
    how, made, calls = out.split()
    assert how == "Interrupted"
    assert 0 < int(made) == int(calls) < 400
    assert len(records.read_text().splitlines()) == int(made)


def test_importing_and_running_change_nothing_in_the_host(recipe: Build, tmp_path: Path) -> None:
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    policy, threads = asyncio.get_event_loop_policy(), threading.active_count()
    syn.run(recipe(8), output=tmp_path / "out")
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == handlers
    assert asyncio.get_event_loop_policy() is policy
    until = time.monotonic() + LONGEST_S
    while threading.active_count() > threads and time.monotonic() < until:
        time.sleep(0.01)
    assert threading.active_count() == threads


def test_importing_loads_nothing_but_the_names(tmp_path: Path) -> None:
    code = "import sys, asyncsynth; print(*sorted(m for m in sys.modules if m.startswith(('asyncsynth', 'pydan'))))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment())
    assert set(done.stdout.split()) <= {"asyncsynth", "asyncsynth.version", "struct"}
    assert os.environ.get("PYTHONASYNCIODEBUG") is None


def test_every_public_name_is_there_and_says_what_it_is() -> None:
    for name in syn.__all__:
        assert getattr(syn, name).__doc__, name
