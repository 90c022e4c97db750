"""Promise 5 for every command: an error at each system call that touches its files ends in words, and costs nothing.

strace injects one error a process. What must hold: no traceback, an exit status of the table, a message that says
what can't be done wherever the status is not 0, and the truth still begins with all that was there.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from asyncsynth.outputs.destination import MARKER
from tests.cli.conftest import House
from tests.conftest import SimulatorFactory
from tests.promises.conftest import complete, one_clear_message
from tests.promises.traced import run_traced

Options = Callable[..., list[str]]

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


def traced(house: House, error: str, arguments: list[str], inject: str = "") -> subprocess.CompletedProcess[str]:
    paths = [Path(base, name) for base in ("out", house.folder / "out") for name in FILES] + [Path("config.toml")]
    return run_traced(house, arguments, calls=INJECTIONS[error], paths=paths, inject=inject)


@contextmanager
def a_copy(of: House, number: int) -> Iterator[House]:
    folder = of.folder.parent / f"house-{number}"
    shutil.copytree(of.folder, folder)
    yield House(folder)
    shutil.rmtree(folder)


@pytest.mark.parametrize("error", INJECTIONS)
@pytest.mark.parametrize("name", COMMANDS)
async def test_an_error_at_each_system_call_ends_in_words_and_loses_nothing(
    house: House, simulator: SimulatorFactory, options: Options, name: str, error: str
) -> None:
    async with simulator(latency_s=0.01) as simulated:
        common = options(simulated)
        made = await asyncio.to_thread(house.run, "run", "--limit", "8", *common)
        assert made.returncode == 0, made.stderr
        truth = (house.folder / "out" / "answers.jsonl").read_bytes()
        arguments = [*COMMANDS[name], *common]
        times = await asyncio.to_thread(seen_calls, house, error, arguments)
        places = [(call, when) for call, count in times.items() for when in range(1, count + 1)]
        if not places:
            pytest.skip("it makes none of these calls")
        at_once = asyncio.Semaphore(4)

        async def inject(number: int, place: tuple[str, int]) -> str:
            async with at_once:
                return await asyncio.to_thread(check, house, number, error, place, truth, arguments)

        became = Counter(await asyncio.gather(*map(inject, range(len(places)), places)))
    sys.stdout.write(f"\n{name} {error}: {len(places)} injections: {dict(sorted(became.items()))}\n")
    assert became["not struck"] <= len(places) // 2, "answers are written in other groups each time"


def check(house: House, number: int, error: str, place: tuple[str, int], truth: bytes, arguments: list[str]) -> str:
    """What became of the command."""
    effect = "retval=1" if error == "short" else f"error={error}"
    call, when = place
    with a_copy(house, number) as copied:
        hit = traced(copied, error, arguments, f"{call}:{effect}:when={when}")
        struck = "INJECTED" in (copied.folder / "trace").read_text()
        where = f"{call} number {when}: {hit.stderr}"
        assert hit.returncode in ((0,) if error == "EINTR" or not struck else STATUSES), where
        assert "Traceback" not in hit.stderr, where
        if hit.returncode:
            one_clear_message(hit.stderr)
        assert (copied.folder / "out" / "answers.jsonl").read_bytes().startswith(truth), where
        if hit.returncode and "run" in arguments:
            after = copied.run(*arguments)
            assert after.returncode == 0, f"{where}, then {after.stderr}"
            assert len(complete(copied.folder / "out")) == int(arguments[arguments.index("--limit") + 1]), where
    return f"exit {hit.returncode}" if struck else "not struck"


def seen_calls(house: House, error: str, arguments: list[str]) -> Counter[str]:
    """How often the command makes each of these calls on its files."""
    with a_copy(house, 10_000) as copied:
        seen = traced(copied, error, arguments)
        assert seen.returncode == 0, seen.stderr
        return Counter(_CALL.findall((copied.folder / "trace").read_text()))


SOURCES = {
    "rows.csv": 'name,price\n"tea, black",3\nmaps,2\n',
    "lines.txt": "one\ntwo\n",
    ".env": "OPENAI_API_KEY=sk-of-a-test-0123456789\n",
    "config.toml": """
[axes]
row = { rows = "rows.csv" }
line = { lines = "lines.txt" }
[prompt]
request = "{{ uuid }} {{ row.name }} {{ line }}"
[record]
prompt = "{{ row.name }}"
[endpoint]
model = "m"
""",
}


def test_an_error_at_each_reading_of_sources_and_keys_is_told_of_the_file(house: House) -> None:
    for name, text in SOURCES.items():
        (house.folder / name).write_text(text)
    paths, arguments = [Path(name) for name in SOURCES], ["plan", "--output", "out"]
    seen = run_traced(house, arguments, calls=READS, paths=paths)
    assert seen.returncode == 0, seen.stderr
    times = Counter(_CALL.findall((house.folder / "trace").read_text()))
    for call, when in [(call, when) for call, count in times.items() for when in range(1, count + 1)]:
        hit = run_traced(house, arguments, calls=READS, paths=paths, inject=f"{call}:error=EIO:when={when}")
        assert hit.returncode == 0 or any(name in one_clear_message(hit.stderr) for name in SOURCES), hit.stderr
        assert hit.returncode in (0, 2), hit.stderr
        assert "Traceback" not in hit.stderr, f"{call} number {when}"


# What writes beside the output directory: whatever it writes fails there, and on standard output.
MAKES = {
    "made": ["export", "--format", "completions"],
    "made.jsonl": ["export", "--format", "completions", "--force"],
    "made.html": ["report", "--force"],
}
OWN_WRITES = ("write", "fsync", "rename", "mkdir", "unlink", "unlinkat", "rmdir")
NO_WORDS, NOT_MADE = 1, 5


@pytest.mark.parametrize("error", ["EIO", "ENOSPC"])
@pytest.mark.parametrize("to", MAKES)
def test_what_is_made_is_there_as_a_whole_or_as_it_was_and_the_words_say_which(
    house: House, options: Options, to: str, error: str
) -> None:
    run_on, make = ["run", *options()], [*MAKES[to], "--to", to, *options()]
    for command in ([*run_on, "--limit", "2"], make, [*run_on, "--limit", "4"]):
        assert house.run(*command).returncode == 0
    old = made(house)
    with a_copy(house, 10_000) as copied:
        assert run_traced(copied, make, calls=OWN_WRITES, paths=[]).returncode == 0
        new, times = made(copied), Counter(_CALL.findall((copied.folder / "trace").read_text()))
    assert old != new
    for call, when in [(call, when) for call, count in times.items() for when in range(1, count + 1)]:
        with a_copy(house, when) as copied:
            hit = run_traced(copied, make, calls=OWN_WRITES, paths=[], inject=f"{call}:error={error}:when={when}")
            where = f"{call} number {when}: {hit.stderr}"
            assert hit.returncode in (0, NO_WORDS, NOT_MADE), where
            assert made(copied) == (old if "nothing was exported" in hit.stderr else new), where
            assert hit.stderr.startswith("asyncsynth: ") or not hit.returncode, where


def made(house: House) -> dict[str, int]:
    """Every file that was made, and how large it is."""
    paths = [path for path in house.folder.rglob("made*/**/*") if path.is_file()] + list(house.folder.glob("made.*"))
    return {path.name: path.stat().st_size for path in paths if path.name != MARKER}
