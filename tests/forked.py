"""Python processes for tests, without the half second that starting one takes: they are forked by tests/nursery.py."""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TextIO

from tests.nursery import NUMBER, Job
from tests.tree import ROOT

PIPE = subprocess.PIPE
READ_WHILE_STARTING = ("PYTHON", "LC_", "LANG")  # variables that Python itself reads, and never again


class Forked:
    """A process under way, with what the tests use of subprocess.Popen.

    `arguments` are those of Python: -m MODULE ..., or -c CODE ...; standard input is empty.
    """

    def __init__(
        self,
        arguments: list[str],
        *,
        cwd: Path,
        env: dict[str, str],
        stdout: int = PIPE,
        stderr: int = PIPE,
        new_session: bool = False,
    ) -> None:
        assert _read_while_starting(env) == _read_while_starting(os.environ), "that takes a process of its own"
        self.args = arguments
        self.returncode: int | None = None
        self._told, told = os.pipe()
        self.stdout, out = _reader(stdout)
        self.stderr, err = _reader(stderr)
        job = Job(arguments, str(cwd), env, new_session)
        with Path(os.devnull).open("rb") as nothing:
            socket.send_fds(_nursery(), [json.dumps(job).encode()], [nothing.fileno(), out, err, told])
        for descriptor in {told, out, err} - {stdout, stderr}:
            os.close(descriptor)
        self.pid = self._next_number()

    def poll(self) -> int | None:
        if self.returncode is None and self._hears_within(0):
            self.wait()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit status; raises subprocess.TimeoutExpired."""
        if self.returncode is None:
            if not self._hears_within(timeout):
                raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
            self.returncode = os.waitstatus_to_exitcode(self._next_number())
            os.close(self._told)
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """What it still writes until its end; raises subprocess.TimeoutExpired."""
        said = ["", ""]

        def listen(place: int, stream: TextIO) -> None:
            with stream:
                said[place] = stream.read()

        streams = [
            (place, stream) for place, stream in enumerate((self.stdout, self.stderr)) if stream and not stream.closed
        ]
        listeners = [threading.Thread(target=listen, args=each, daemon=True) for each in streams]
        for listener in listeners:
            listener.start()
        self.wait(timeout)
        for listener in listeners:
            listener.join()
        return said[0], said[1]

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _hears_within(self, timeout: float | None) -> bool:
        return bool(select.select([self._told], [], [], timeout)[0])

    def _next_number(self) -> int:
        number: int = NUMBER.unpack(os.read(self._told, NUMBER.size))[0]
        return number


def _read_while_starting(env: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in env.items() if name.startswith(READ_WHILE_STARTING) and name != "PYTHONPATH"}


def _reader(given: int) -> tuple[TextIO | None, int]:
    """Our end of a pipe, if one is wanted, and the process's end."""
    if given != PIPE:
        return None, given
    ours, its = os.pipe()
    return os.fdopen(ours, encoding="utf-8"), its


@cache
def _nursery() -> socket.socket:
    """Where to ask for a process; it ends with this one."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with its:
        command = [sys.executable, "-m", "tests.nursery", str(its.fileno())]
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            pass_fds=[its.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    @atexit.register
    def end() -> None:
        ours.close()
        process.wait()

    return ours
