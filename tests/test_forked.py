"""A forked process is as one that was started, in all that the tests look at."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import environment
from tests.forked import Forked

STREAMS = """
import sys
for stream in (sys.stdin, sys.stdout, sys.stderr):
    print(stream.encoding, stream.errors, stream.line_buffering, stream.write_through, stream.isatty())
"""
PROGRAMS = {
    "where it is": "import os, sys; print(os.getcwd(), os.environ['MINE'], sys.argv[1:])",
    "its streams": STREAMS,
    "what is open": "import os; print(sorted(os.listdir('/proc/self/fd')))",
    "a session of its own": "import os; print(os.getsid(0) == os.getpid())",
    "a status": "import sys; print('said'); sys.exit(3)",
    "words at the end": "import sys; sys.exit('words')",
    "a signal": "import os; print('said', flush=True); os.kill(os.getpid(), 9)",
    "what runs at the end": "import atexit; atexit.register(print, 'end'); print('begin')",
    "a thread that is waited for": "import threading, time; threading.Timer(0.01, print, ['later']).start()",
    "what was never awaited": "async def f(): pass\nf()",
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_a_forked_process_does_what_a_started_one_does(tmp_path: Path, program: str) -> None:
    env = environment(MINE="x")
    forked = Forked(["-c", program, "an argument"], cwd=tmp_path, env=env, new_session=True)
    said = forked.communicate(60.0)
    started = subprocess.run(
        [sys.executable, "-c", program, "an argument"],
        cwd=tmp_path,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    assert (forked.returncode, *said) == (started.returncode, started.stdout, started.stderr)


def test_a_variable_that_python_reads_as_it_starts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="a process of its own"):
        Forked(["-c", "pass"], cwd=tmp_path, env=environment(PYTHONIOENCODING="ascii"))


def test_an_end_may_be_waited_for_twice(tmp_path: Path) -> None:
    forked = Forked(["-c", "print('said')"], cwd=tmp_path, env=environment())
    assert forked.communicate(60.0) == ("said\n", "")
    forked.kill()
    assert forked.communicate(60.0) == ("", "")
    assert forked.poll() == 0
