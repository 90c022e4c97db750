"""Promises 1 and 5 at every system call: disk full, EIO, wrong counts and SIGKILL at each write and fdatasync.

strace injects the faults into a real run, only where a call touches these files: the truth (answers and manifest), or
the views. It counts the calls of each thread, and so does `when`: most writes are the main thread's, most syncs the
executor's.
"""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from asyncsynth.servers.simulator import Simulator
from tests.cli.conftest import COMMAND, House, environment
from tests.conftest import SimulatorFactory, unmeasured
from tests.patience import LONGEST_S
from tests.promises.conftest import calls_lost, complete, intact, one_clear_message
from tests.promises.traced import run_traced

Options = Callable[..., list[str]]

INJECTIONS = [
    "write:error=ENOSPC",
    "write:error=EIO",
    "write:retval=100",
    "write:signal=SIGKILL",
    "fdatasync:error=EIO",
    "fdatasync:signal=SIGKILL",
]
# A first call, calls and records among each other, and a sync in the executor's thread.
FEW = [
    ("write:error=ENOSPC", 2),
    ("write:error=EIO", 9),
    ("write:retval=100", 5),
    ("write:signal=SIGKILL", 8),
    ("fdatasync:error=EIO", 5),
    ("fdatasync:signal=SIGKILL", 4),
]
ALL = [(injection, when) for injection in INJECTIONS for when in range(1, 21)]
TRUTH, VIEWS = ("answers.jsonl", "manifest.jsonl"), ("records.jsonl", "failures.jsonl")
# A view is never synced but when it is replaced; its first write comes with the first answer.
OF_VIEWS = [
    ("write:error=ENOSPC", 1),
    ("write:error=EIO", 3),
    ("write:retval=100", 2),
    ("write:signal=SIGKILL", 1),
    ("write:signal=SIGKILL", 4),
]
CALLS = ("write", "fdatasync")
SLOTS = 2


async def survives(
    house: House,
    simulated: Simulator,
    arguments: list[str],
    samples: int,
    injection: str,
    when: int,
    files: tuple[str, ...] = TRUTH,
) -> None:
    """The run that is hit ends clearly, and the next one completes; nothing was spent in between."""
    out = house.folder / "out"
    command = ["run", *arguments, "--concurrency", str(SLOTS), "--limit", str(samples)]
    paths, inject = [out / name for name in files], f"{injection}:when={when}"
    hit = await asyncio.to_thread(run_traced, house, command, calls=CALLS, paths=paths, inject=inject)
    kills = "SIGKILL" in injection
    assert kills or "INJECTED" in (house.folder / "trace").read_text(), "the fault never struck"
    assert hit.returncode in ((-9,) if kills else (0, 5)), hit.stderr
    assert hit.returncode != 5 or "can't" in one_clear_message(hit.stderr)
    before = set(intact(out))

    after = await asyncio.to_thread(house.run, *command)
    assert after.returncode == 0, after.stderr
    keys = complete(out)
    assert len(keys) == samples
    assert before <= set(keys), "an answer that was there is gone"
    assert (out / "answers.jsonl").read_bytes().endswith(b"\n")
    paid_again = simulated.provider.stats.totals()["calls"] - samples
    lost = len(calls_lost(house.manifest()))
    assert paid_again <= lost <= SLOTS, "money was spent after the fault, or a lost call is not listed"


async def run(folder: Path, command: list[str]) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(
        subprocess.run,
        command,
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
    )


@pytest.mark.parametrize(("injection", "when"), FEW)
async def test_a_fault_at_a_system_call_ends_clearly_and_the_next_run_completes(
    house: House, simulator: SimulatorFactory, options: Options, injection: str, when: int
) -> None:
    async with simulator(latency_s=0.05) as simulated:
        await survives(house, simulated, options(simulated), 16, injection, when)


@pytest.mark.parametrize(("injection", "when"), OF_VIEWS)
async def test_a_fault_at_a_write_of_a_view_ends_clearly_and_the_next_run_has_all_records(
    house: House, simulator: SimulatorFactory, options: Options, injection: str, when: int
) -> None:
    async with simulator(latency_s=0.05) as simulated:
        await survives(house, simulated, options(simulated), 16, injection, when, VIEWS)


@pytest.mark.slow
@pytest.mark.parametrize(("injection", "when"), ALL)
async def test_a_fault_at_each_of_the_first_20_calls_ends_clearly_and_the_next_run_completes(
    house: House, simulator: SimulatorFactory, options: Options, injection: str, when: int
) -> None:
    async with simulator(latency_s=0.1) as simulated:
        await survives(house, simulated, options(simulated), 50, injection, when)


# The same command twice, with no room for its output first; then what it left is copied to where the test sees it.
TWICE = {
    "file size limit": '(ulimit -f 24; "$@" 2>first); echo $? >status; "$@" 2>second; echo $? >>status; cp -a out kept',
    "full tmpfs": """mkdir out && mount -t tmpfs -o size=16k none out || exit 1
        "$@" 2>first; echo $? >status; mount -o remount,size=16m out; "$@" 2>second; echo $? >>status; cp -a out kept
        """,
}
NAMESPACES = (["unshare", "--mount"], ["unshare", "--map-root-user", "--mount"])


def own_mounts() -> list[str]:
    """What starts a shell that may mount: empty where this machine lets nobody do that."""
    for unshare in NAMESPACES:
        tried = subprocess.run([*unshare, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False)
        if tried.returncode == 0:
            return unshare
    return []


MOUNTS = own_mounts()


@unmeasured
@pytest.mark.parametrize(
    ("disk", "raw_log"), [("file size limit", "true"), *([("full tmpfs", "false")] if MOUNTS else [])]
)
async def test_a_disk_that_is_really_full_ends_clearly_and_the_next_run_completes(
    house: House, simulator: SimulatorFactory, options: Options, disk: str, raw_log: str
) -> None:
    script = [*(MOUNTS if disk == "full tmpfs" else []), "sh", "-c", TWICE[disk], "sh"]
    async with simulator() as simulated:
        arguments = [*options(simulated, "--set", f"output.raw_log={raw_log}"), "--concurrency", "4", "--limit", "60"]
        ended = await run(house.folder, [*script, *COMMAND, "run", *arguments])
        calls = simulated.provider.stats.totals()["calls"]
    assert ended.returncode == 0, ended.stderr
    assert (house.folder / "status").read_text().split() == ["5", "0"]
    told = one_clear_message((house.folder / "first").read_text())
    assert "No space left on device" in told or "File too large" in told
    assert len(complete(house.folder / "kept")) == 60
    assert calls - 60 <= 4, "spent more after the disk was full"
