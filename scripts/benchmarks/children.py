"""Child processes and what they cost, by the operating system's own accounting of finished children."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SMALL_PARENT = Path(__file__).with_name("small_parent.py")
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

    Raises ChildFailed for any other status. However large this process is, the peak memory is the command's own.
    """
    measured = (sys.executable, "-I", "-S", str(SMALL_PARENT), *command)
    with tempfile.TemporaryFile() as output:
        parent = subprocess.Popen(
            measured, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=output, process_group=0
        )
        try:
            report, _ = parent.communicate(timeout=timeout_s)
        except BaseException as error:
            os.killpg(parent.pid, signal.SIGKILL)
            parent.communicate()
            if isinstance(error, subprocess.TimeoutExpired):
                raise ChildFailed(f"{' '.join(command)}\nwas still at work after {timeout_s:g} s") from None
            raise
        output.seek(0)
        words = output.read().decode(errors="replace")
    if parent.returncode:
        raise ChildFailed(f"{' '.join(command)}\ncan't be run:\n{words[-3000:]}")
    found = json.loads(report)
    if found["status"] != status:
        raise ChildFailed(f"{' '.join(command)}\nended with status {found['status']}:\n{words[-3000:]}")
    return Finished(
        found["user_s"] + found["system_s"],
        found["system_s"],
        found["wall_s"],
        found["maxrss"] * BYTES_PER_MAXRSS / 1e6,
        found["spawned_at"],
        words,
    )
