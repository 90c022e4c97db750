"""Servers of our own as child processes, with real processes."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys

import pytest

from asyncsynth.errors import EndpointStopped
from asyncsynth.servers.child import child_server, last_words, own_command

# A child tells its process id where a server tells its address; the fd is the last argument of its command line.
TELLS_ITS_PID = """
import os, sys, threading
from asyncsynth.servers.child import end_with_parent, tell_parent
end_with_parent(int(sys.argv[-1]))
tell_parent(int(sys.argv[-1]), str(os.getpid()))
threading.Event().wait()
"""
IGNORES_SIGTERM = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n{TELLS_ITS_PID}"
HOLDS_ONE_CONNECTION = """
import socket, sys, threading
from asyncsynth.servers.child import end_with_parent, tell_parent
listener = socket.create_server(("127.0.0.1", 0))
end_with_parent(int(sys.argv[-1]))
tell_parent(int(sys.argv[-1]), f"http://127.0.0.1:{listener.getsockname()[1]}")
connection = listener.accept()
threading.Event().wait()
"""
RUNS_A_CHILD = f"""
import asyncio, sys
from asyncsynth.servers.child import child_server
async def run():
    async with child_server([sys.executable, "-c", {HOLDS_ONE_CONNECTION!r}]) as base_url:
        print(base_url, flush=True)
        await asyncio.Event().wait()
asyncio.run(run())
"""


def program(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def is_closed_by_the_other_side(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


async def test_a_child_lives_as_long_as_the_block() -> None:
    async with child_server(program(TELLS_ITS_PID)) as told:
        assert is_there(int(told))
    assert not is_there(int(told))


async def test_a_child_ends_when_the_block_fails() -> None:
    with pytest.raises(RuntimeError, match="the run failed"):
        async with child_server(program(TELLS_ITS_PID)) as told:
            raise RuntimeError("the run failed")
    assert not is_there(int(told))


async def test_a_child_that_ignores_sigterm_is_killed() -> None:
    async with child_server(program(IGNORES_SIGTERM), grace_s=0.05) as told:
        pass
    assert not is_there(int(told))


async def test_a_child_is_killed_where_the_wait_for_its_end_is_cancelled() -> None:
    """As a second Ctrl-C does."""
    told: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def run() -> None:
        async with child_server(program(IGNORES_SIGTERM), grace_s=60) as pid:
            told.set_result(pid)
            await asyncio.Event().wait()

    task = asyncio.create_task(run())
    pid = int(await told)
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not is_there(pid)


async def test_a_child_has_its_own_session_so_that_ctrl_c_does_not_reach_it() -> None:
    async with child_server(program(TELLS_ITS_PID)) as told:
        assert os.getsid(int(told)) == int(told)


async def test_a_child_that_ends_while_it_starts_is_an_error_with_its_last_words() -> None:
    fails = "import sys; sys.exit('loading\\nasyncsynth: no weights\\n-> install them')"
    with pytest.raises(EndpointStopped, match="ended while it started: no weights") as caught:
        async with child_server(program(fails)):
            pass
    assert caught.value.hint == "install them"


async def test_a_child_that_never_listens_is_an_error_and_ended() -> None:
    with pytest.raises(EndpointStopped, match=r"did not start within 0\.05 s"):
        async with child_server(program("import threading; threading.Event().wait()"), timeout_s=0.05):
            pass


def test_a_child_ends_when_its_parent_is_killed() -> None:
    """SIGKILL leaves the parent no chance to do anything: the child sees the end of their socket pair."""
    with subprocess.Popen(program(RUNS_A_CHILD), stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        port = int(parent.stdout.readline().rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            parent.send_signal(signal.SIGKILL)
            assert is_closed_by_the_other_side(connection)


@pytest.mark.parametrize(
    ("stderr", "expected"),
    [
        ("asyncsynth: no weights\n-> install them\n", ("no weights", "install them")),
        ("Traceback\nValueError: 3\n", ("ValueError: 3", "")),
        ("-> only a hint", ("-> only a hint", "")),
        ("", ("it said nothing on standard error", "")),
    ],
)
def test_last_words_are_the_message_and_the_hint(stderr: str, expected: tuple[str, str]) -> None:
    assert last_words(stderr) == expected


def test_own_command_uses_this_interpreter() -> None:
    assert own_command("local", "--slots", "8") == [sys.executable, "-m", "asyncsynth", "local", "--slots", "8"]
