"""Promise 8: a face that breaks never costs a call. Answers given are answers kept, whatever happens to a stream."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest

from tests.cli.conftest import Provider, environment
from tests.forked import Forked
from tests.patience import LONGEST_S

CONFIG = """
[axes]
genre = ["\u201chorror\u201d", "myst\u00e8re", "\U0001f600"]
number = [1, 2, 3, 4, 5, 6, 7, 8]
[prompt]
request = "{{ uuid }} A {{ genre }} plot, number {{ number }}."
[record]
prompt = "Genre: {{ genre }}: "
[endpoint]
provider = "openai"
base_url = "BASE_URL"
model = "m"
[output]
directory = "out"
"""
WAYS = {
    "run": [],
    "run --show": ["--show"],
    "run --log-format json": ["--log-format", "json"],
}


@dataclass
class Streams:
    """What a run gets as its standard output and error."""

    stdout: int
    stderr: int
    env: dict[str, str]
    answers: Path  # the file that it makes

    def put(self, which: str, descriptor: int) -> None:
        setattr(self, which, descriptor)


@contextmanager
def closed(streams: Streams, which: str) -> Iterator[str]:
    yield {"stdout": ">&-", "stderr": "2>&-"}[which]


@contextmanager
def full(streams: Streams, which: str) -> Iterator[str]:
    descriptor = os.open("/dev/full", os.O_WRONLY)
    streams.put(which, descriptor)
    yield ""
    os.close(descriptor)


@contextmanager
def broken_pipe(streams: Streams, which: str) -> Iterator[str]:
    reader, writer = os.pipe()
    streams.put(which, writer)
    os.close(reader)
    yield ""
    os.close(writer)


@contextmanager
def lost_terminal(streams: Streams, which: str) -> Iterator[str]:
    """Gone while the run works, from its first answer on; nobody sends a SIGHUP, as with disown."""
    master, slave = pty.openpty()
    streams.put(which, slave)
    yield ""
    os.close(slave)
    until = time.monotonic() + LONGEST_S
    while not (streams.answers.exists() and streams.answers.stat().st_size):
        assert time.monotonic() < until, "no first answer"
        time.sleep(0.005)
    os.close(master)


@contextmanager
def poor_encoding(streams: Streams, which: str) -> Iterator[str]:
    streams.env["PYTHONIOENCODING"] = "ascii"
    streams.env["LC_ALL"] = "C"
    yield ""


BROKEN = {
    "closed": closed,
    "full": full,
    "broken pipe": broken_pipe,
    "lost terminal": lost_terminal,
    "poor encoding": poor_encoding,
}


def started(arguments: list[str], folder: Path, streams: Streams, redirection: str) -> Forked | subprocess.Popen[bytes]:
    """A process with these streams; one that has none, or a poor encoding, Python must find so when it starts."""
    if not redirection and "PYTHONIOENCODING" not in streams.env:
        return Forked(
            arguments, cwd=folder, env=streams.env, stdout=streams.stdout, stderr=streams.stderr, new_session=True
        )
    return subprocess.Popen(
        ["sh", "-c", f'exec "$@" {redirection}', "sh", sys.executable, *arguments],
        cwd=folder,
        env=streams.env,
        stdin=subprocess.DEVNULL,
        stdout=streams.stdout,
        stderr=streams.stderr,
        start_new_session=True,
    )


CELLS = list(product(WAYS, BROKEN, ("stdout", "stderr")))
QUICK = [
    (way, broken, which) for way, broken, which in CELLS if (way, which) == ("run --show", "stdout") or way == "run"
]
SLOW = [pytest.param(*cell, marks=pytest.mark.slow) for cell in CELLS if cell not in QUICK]


@pytest.mark.parametrize(("way", "broken", "which"), [*QUICK, *SLOW])
def test_promise_8_a_stream_that_breaks_costs_no_call(
    provider: Callable[..., Provider], tmp_path: Path, which: str, broken: str, way: str
) -> None:
    simulated = provider("--latency", "0.1")
    (tmp_path / "config.toml").write_text(CONFIG.replace("BASE_URL", simulated.base_url), encoding="utf-8")
    logs = {name: (tmp_path / name).open("wb") for name in ("stdout", "stderr")}
    answers = tmp_path / "out/answers.jsonl"
    streams = Streams(logs["stdout"].fileno(), logs["stderr"].fileno(), environment(TERM="xterm"), answers)
    with BROKEN[broken](streams, which) as redirection:
        process = started(["-m", "asyncsynth", "run", *WAYS[way]], tmp_path, streams, redirection)
    try:
        status = process.wait(LONGEST_S)
    finally:
        process.kill()
    for log in logs.values():
        log.close()
    said = (tmp_path / "stdout").read_text() + (tmp_path / "stderr").read_text()
    assert "Traceback" not in said
    assert "Exception ignored" not in said
    assert status in (0, 1)
    kept = len(answers.read_bytes().splitlines()) if answers.exists() else 0
    assert simulated.stats()["answered"] == simulated.stats()["calls"] == kept
    if "--show" not in way or which == "stderr" or broken == "poor encoding":
        assert (status, kept) == (0, 24), "a run that nobody asked to show anything works to its end"
