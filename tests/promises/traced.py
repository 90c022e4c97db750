"""Commands of asyncsynth with strace on them: what they call is written down, and faults are injected.

A command is forked with everything loaded and waits for strace, which would make of the half second of its start two.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.cli.conftest import House, environment
from tests.forked import Forked
from tests.patience import LONGEST_S

ONCE_TRACED = """
import pathlib, runpy, time
while "TracerPid:\\t0\\n" in pathlib.Path("/proc/self/status").read_text():
    time.sleep(0.002)
runpy.run_module("asyncsynth", run_name="__main__", alter_sys=True)
"""


def run_traced(
    house: House, arguments: list[str], *, calls: tuple[str, ...], paths: list[Path], inject: str = ""
) -> subprocess.CompletedProcess[str]:
    """The command at its end, with those of these calls that touch these paths in house.folder / "trace".

    `inject` is what follows strace's inject=; its `when` counts the calls of each thread.
    """
    strace = ["strace", "-f", "--quiet=attach,exit,path-resolution", "-o", str(house.folder / "trace")]
    strace += ["-e", f"trace={','.join(calls)}"]
    strace += [part for path in paths for part in ("-P", str(path))]
    strace += ["-e", f"inject={inject}"] if inject else []
    process = Forked(["-c", ONCE_TRACED, *arguments], cwd=house.folder, env=environment())
    strace += ["-p", str(process.pid)]
    with subprocess.Popen(strace, cwd=house.folder, stderr=subprocess.PIPE, text=True) as tracing:
        try:
            out, err = process.communicate(timeout=LONGEST_S)
            _, said = tracing.communicate(timeout=LONGEST_S)
        finally:
            process.kill()
            tracing.kill()
    assert not said, said
    return subprocess.CompletedProcess(process.args, process.wait(), out, err)
