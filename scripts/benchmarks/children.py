"""Child processes and what they cost, by the operating system's own accounting of finished children."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

BYTES_PER_MAXRSS = 1 if sys.platform == "darwin" else 1024


class ChildFailed(Exception):
    """A child process ended with an unexpected status; the message has its last words."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A child process that ended: CPU and wall time in seconds, its peak memory in MB (10**6 bytes)."""

    cpu_s: float
    system_s: float  # the part of cpu_s that the kernel took
    wall_s: float
    peak_mb: float
    spawned_at: float  # time.monotonic(), one clock for all processes of this machine
    output: str


def finish(
    command: Sequence[str],
    env: Mapping[str, str],
    *,
    cwd: Path | None = None,
    status: int = 0,
    timeout_s: float = 1800.0,
) -> Finished:
    """Run the command until it ends with `status`. Its CPU time includes the children that it waited for itself.

    Raises ChildFailed for any other status.
    A child's peak memory starts at that of the process that spawned it, so this one must stay small.
    """
    with tempfile.TemporaryFile() as output:
        spawned_at = time.monotonic()
        child = subprocess.Popen(command, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        killer = threading.Timer(timeout_s, child.kill)
        killer.start()
        try:
            _, ended, usage = os.wait4(child.pid, 0)
        except BaseException:
            child.kill()
            child.wait()
            raise
        finally:
            killer.cancel()
        wall_s = time.monotonic() - spawned_at
        child.returncode = os.waitstatus_to_exitcode(ended)
        output.seek(0)
        words = output.read().decode(errors="replace")
    if child.returncode != status:
        raise ChildFailed(f"{' '.join(command)}\nended with status {child.returncode}:\n{words[-3000:]}")
    return Finished(
        usage.ru_utime + usage.ru_stime,
        usage.ru_stime,
        wall_s,
        usage.ru_maxrss * BYTES_PER_MAXRSS / 1e6,
        spawned_at,
        words,
    )
