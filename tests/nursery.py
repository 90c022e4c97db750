"""Forks a Python process for each request, with all of asyncsynth loaded; run by tests/forked.py.

A process that was forked has its own command line, folder, environment, streams and signals, as one that was started.
It differs in two ways, for which starting takes half a second: all modules are there already, and none is torn down at
the end. Tests of either start a process.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import io
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import struct
import sys
import threading
from typing import NamedTuple, TextIO

LARGEST_REQUEST = 2**17  # bytes; most of them are the environment
NUMBER = struct.Struct("i")  # what goes back, one by one: the process id, then what waitpid says of its end
LOADED_LATE = ("genai_prices", "rensa", "rich.progress", "rich.traceback", "typer.rich_utils")


class Job(NamedTuple):
    """What a process is to do: Python's own command line, and where."""

    arguments: list[str]  # -m MODULE ..., or -c CODE ...
    cwd: str
    env: dict[str, str]
    new_session: bool


def load_everything() -> None:
    import asyncsynth  # noqa: PLC0415 - this module is loaded by the tests as well, for its names

    modules = [found.name for found in pkgutil.walk_packages(asyncsynth.__path__, "asyncsynth.")]
    for name in (*modules, *LOADED_LATE):
        if not name.endswith("__main__"):
            importlib.import_module(name)


def forked_for(control: socket.socket) -> Job | None:
    """Fork until nobody asks any more: the job in a process that was forked, None in this one; then none is left."""
    waiting: dict[int, tuple[int, int]] = {}  # by a descriptor of the process: its id, and where its end is told
    poll = select.poll()
    poll.register(control, select.POLLIN)
    while True:
        for descriptor, _ in poll.poll():
            if descriptor != control.fileno():
                poll.unregister(descriptor)
                _tell_end(descriptor, *waiting.pop(descriptor))
                continue
            request, descriptors, _, _ = socket.recv_fds(control, LARGEST_REQUEST, 4)
            if not request:
                for pid, _ in waiting.values():  # of tests that failed, or were cut off
                    os.kill(pid, signal.SIGKILL)
                return None
            *streams, told = descriptors
            pid = os.fork()
            if pid == 0:
                control.detach()
                _take(streams)
                return Job(*json.loads(request))
            for stream in streams:
                os.close(stream)
            os.write(told, NUMBER.pack(pid))
            process = os.pidfd_open(pid)
            waiting[process] = pid, told
            poll.register(process, select.POLLIN)


def _tell_end(process: int, pid: int, told: int) -> None:
    _, status = os.waitpid(pid, 0)
    with contextlib.suppress(BrokenPipeError):  # nobody wants to know
        os.write(told, NUMBER.pack(status))
    os.close(told)
    os.close(process)


def _take(streams: list[int]) -> None:
    """Make these the standard streams; nothing else is open afterwards."""
    for place, stream in enumerate(streams):
        os.dup2(stream, place)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))


def become(job: Job) -> None:
    """Be as Python is once it has started."""
    if job.new_session:
        os.setsid()
    os.chdir(job.cwd)
    os.environ.clear()
    os.environ.update(job.env)
    sys.path[0] = job.cwd
    sys.stdin, sys.stdout, sys.stderr = _like(sys.stdin, 0), _like(sys.stdout, 1), _like(sys.stderr, 2)


def _like(stream: TextIO, descriptor: int) -> TextIO:
    """A standard stream as Python makes it in this environment."""
    assert isinstance(stream, io.TextIOWrapper)
    unbuffered = stream.write_through
    binary = open(descriptor, "wb" if descriptor else "rb", buffering=0 if unbuffered else -1, closefd=False)  # noqa: SIM115 - it stays
    return io.TextIOWrapper(
        binary,
        stream.encoding,
        stream.errors,
        line_buffering=stream.line_buffering or (os.isatty(descriptor) and not unbuffered),
        write_through=unbuffered,
    )


def run(job: Job) -> None:
    """Do the job and exit; what Python tells by itself, such as an unexpected exception, it still tells."""
    how, what, *rest = job.arguments
    sys.argv = [how, *rest]
    status: object = None
    try:
        if how == "-m":
            runpy.run_module(what, run_name="__main__", alter_sys=True)
        else:
            exec(compile(what, "<string>", "exec"), {"__name__": "__main__"})
    except SystemExit as ended:
        status = ended.code
    if status is not None and not isinstance(status, int):
        sys.exit(str(status))
    gc.collect()  # so that what was left open or unawaited is told
    threading._shutdown()  # type: ignore[attr-defined]  # as Python does first of all
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        if not stream.closed:
            stream.flush()
    os._exit(status or 0)


if __name__ == "__main__":
    load_everything()
    gc.collect()
    gc.freeze()  # so that a collection in a forked process copies none of it
    with socket.socket(fileno=int(sys.argv[1])) as asked:
        job = forked_for(asked)
    if job is not None:
        become(job)
        run(job)
