"""Promise 5 for every command: an error at each system call that touches its files ends in words, and costs nothing.

strace injects one error a process. What must hold: no traceback, an exit status of the table, a message that says
what can't be done wherever the status is not 0, and the truth still begins with all that was there.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.cli.conftest import COMMAND, House
from tests.conftest import SimulatorFactory
from tests.promises.conftest import complete, one_clear_message
from tests.promises.test_system_calls import Options, run

pytestmark = pytest.mark.slow

COMMANDS = {
    "status": ["status"],
    "plan": ["plan"],
    "preview": ["preview"],
    "drop": ["drop", "--where", "genre=horror"],
    "retry": ["retry"],
    "run again": ["run", "--limit", "8"],
    "run on": ["run", "--limit", "12"],
    "export": ["export", "--format", "completions", "--to", "exported"],
}
FILES = ("", "answers.jsonl", "manifest.jsonl", "records.jsonl", "failures.jsonl", "lock")
READS = ("openat", "newfstatat", "read", "pread64", "flock", "close")
WRITES = ("write", "pwrite64", "fdatasync", "fsync", "ftruncate", "rename", "unlink", "mkdir")
INJECTIONS = {
    "EIO": (*READS, *WRITES),
    "EINTR": ("openat", "read", "pread64", "flock", "write", "pwrite64", "fdatasync"),
    "ENOSPC": ("openat", *WRITES),
    "short": ("write", "pwrite64"),
}
STATUSES = (0, 2, 5)
_CALL = re.compile(r"^\d+ +(\w+)\(", re.MULTILINE)


def strace(folder: Path, calls: tuple[str, ...], *more: str) -> list[str]:
    names = [str(Path(base, name)) for base in ("out", folder / "out") for name in FILES] + ["config.toml"]
    paths = [part for name in names for part in ("-P", name)]
    return [
        "strace",
        "--quiet=attach,exit,path-resolution",
        "-f",
        "-o",
        str(folder / "trace"),
        "-e",
        f"trace={','.join(calls)}",
        *paths,
        *more,
    ]


def a_copy(of: Path, number: int) -> Path:
    folder = of.parent / f"house-{number}"
    shutil.copytree(of, folder)
    return folder


@pytest.mark.parametrize("error", INJECTIONS)
@pytest.mark.parametrize("name", COMMANDS)
async def test_an_error_at_each_system_call_ends_in_words_and_loses_nothing(
    house: House, simulator: SimulatorFactory, options: Options, name: str, error: str
) -> None:
    async with simulator(latency_s=0.01) as simulated:
        common = options(simulated)
        made = await run(house.folder, [*COMMAND, "run", "--limit", "8", *common])
        assert made.returncode == 0, made.stderr
        truth = (house.folder / "out" / "answers.jsonl").read_bytes()
        command = [*COMMAND, *COMMANDS[name], *common]
        times = await seen_calls(house.folder, command, INJECTIONS[error])
        places = [(call, when) for call, count in times.items() for when in range(1, count + 1)]
        effect = "retval=1" if error == "short" else f"error={error}"
        at_once = asyncio.Semaphore(4)

        async def inject(number: int, call: str, when: int) -> None:
            folder = a_copy(house.folder, number)
            traced = strace(folder, INJECTIONS[error], "-e", f"inject={call}:{effect}:when={when}")
            async with at_once:
                hit = await run(folder, [*traced, *command])
                try:
                    await check(hit, error, folder, truth, command)
                except AssertionError as broken:
                    broken.add_note(f"{call} number {when}")
                    raise
            shutil.rmtree(folder)

        await asyncio.gather(*(inject(number, *place) for number, place in enumerate(places)))


async def check(
    hit: subprocess.CompletedProcess[str], error: str, folder: Path, truth: bytes, command: list[str]
) -> None:
    assert hit.returncode in ((0,) if error == "EINTR" else STATUSES), hit.stderr
    assert "Traceback" not in hit.stderr
    if hit.returncode:
        one_clear_message(hit.stderr)
    assert (folder / "out" / "answers.jsonl").read_bytes().startswith(truth)
    if hit.returncode and "run" in command:
        after = await run(folder, command)
        assert after.returncode == 0, after.stderr
        assert len(complete(folder / "out")) == int(command[command.index("--limit") + 1])


async def seen_calls(folder: Path, command: list[str], calls: tuple[str, ...]) -> Counter[str]:
    """How often the command makes each of these calls on its files."""
    number = 10_000
    copied = a_copy(folder, number)
    traced = await run(copied, [*strace(copied, calls), *command])
    assert traced.returncode == 0, traced.stderr
    seen = Counter(_CALL.findall((copied / "trace").read_text()))
    shutil.rmtree(copied)
    if not seen:
        pytest.skip("it makes none of these calls")
    return seen
