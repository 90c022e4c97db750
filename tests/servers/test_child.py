"""Servers of our own as child processes, with real processes."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from asyncsynth.errors import EndpointStopped
from asyncsynth.event_loop import loop_factory
from asyncsynth.servers.child import child_server, last_words, own_command, without_keys
from tests.patience import LONGEST_S

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
import asyncio, os, sys
from asyncsynth.servers.child import child_server
async def run():
    async with child_server([sys.executable, "-c", {HOLDS_ONE_CONNECTION!r}], os.environ) as base_url:
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
    async with child_server(program(TELLS_ITS_PID), os.environ) as told:
        assert is_there(int(told))
    assert not is_there(int(told))


def test_loops_of_several_threads_start_children_at_the_same_time() -> None:
    together = threading.Barrier(4)

    async def start() -> int:
        together.wait(LONGEST_S)
        async with child_server(program(TELLS_ITS_PID), os.environ) as told:
            return int(told)

    def run(_: int) -> int:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            return runner.run(start())

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(run, range(4)))) == 4


async def test_a_child_ends_when_the_block_fails() -> None:
    with pytest.raises(RuntimeError, match="the run failed"):
        async with child_server(program(TELLS_ITS_PID), os.environ) as told:
            raise RuntimeError("the run failed")
    assert not is_there(int(told))


async def test_a_child_that_ignores_sigterm_is_killed() -> None:
    async with child_server(program(IGNORES_SIGTERM), os.environ, grace_s=0.05) as told:
        pass
    assert not is_there(int(told))


async def test_a_child_is_killed_where_the_wait_for_its_end_is_cancelled() -> None:
    """As a second Ctrl-C does."""
    told: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def run() -> None:
        async with child_server(program(IGNORES_SIGTERM), os.environ, grace_s=60) as pid:
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
    async with child_server(program(TELLS_ITS_PID), os.environ) as told:
        assert os.getsid(int(told)) == int(told)


async def test_a_child_that_ends_while_it_starts_is_an_error_with_its_last_words() -> None:
    fails = "import sys; sys.exit('loading\\nasyncsynth: no weights\\n-> install them')"
    with pytest.raises(EndpointStopped, match="ended while it started: no weights") as caught:
        async with child_server(program(fails), os.environ):
            pass
    assert caught.value.hint == "install them"


async def test_a_child_that_never_listens_is_an_error_and_ended() -> None:
    with pytest.raises(EndpointStopped, match=r"did not start within 0\.05 s"):
        async with child_server(program("import threading; threading.Event().wait()"), os.environ, timeout_s=0.05):
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
        ("asyncsynth: two lines:\n  the second\n-> a hint\n", ("two lines:\n  the second", "a hint")),
        ("-> only a hint", ("-> only a hint", "")),
        ("", ("it said nothing on standard error", "")),
    ],
)
def test_last_words_are_the_message_and_the_hint(stderr: str, expected: tuple[str, str]) -> None:
    assert last_words(stderr) == expected


def test_own_command_uses_this_interpreter() -> None:
    assert own_command("local", "--slots", "8") == [sys.executable, "-m", "asyncsynth", "local", "--slots", "8"]


TELLS_ITS_ENVIRONMENT = """
import json, os, sys
from asyncsynth.servers.child import tell_parent
tell_parent(int(sys.argv[-1]), json.dumps(dict(os.environ)))
"""
HARMLESS = {
    "PATH": "/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "KEYMAP": "us",
    "CUDA_VISIBLE_DEVICES": "0",
    "OPTION": "",
}


@pytest.mark.parametrize(
    "name",
    [
        "OPENAI_API_KEY",
        "OPENAI_API_KEY_FILE",
        "anthropic_auth_token",
        "HF_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
        "DB_PASSWORD",
    ],
)
def test_what_is_called_like_a_key_is_left_out(name: str) -> None:
    assert without_keys({name: "sk-canary", **HARMLESS}) == HARMLESS


def test_the_variables_of_the_config_are_left_out_whatever_they_are_called() -> None:
    environ = {"MY_LLM": "sk-canary", "MY_LLM_FILE": "/run/key", "COPY": "sk-canary", **HARMLESS}
    assert without_keys(environ, ("MY_LLM", "MY_LLM_FILE")) == HARMLESS


def test_an_empty_variable_of_the_config_takes_no_other_one_along() -> None:
    assert without_keys({"MY_LLM": "", **HARMLESS}, ("MY_LLM", "MY_LLM_FILE")) == HARMLESS


async def test_a_child_has_the_environment_that_it_is_given_and_no_other() -> None:
    environ = without_keys(os.environ | {"OPENAI_API_KEY": "sk-canary", "HARMLESS": "yes"})
    async with child_server(program(TELLS_ITS_ENVIRONMENT), environ) as told:
        childs = json.loads(told)
    assert childs["HARMLESS"] == "yes"
    assert "sk-canary" not in told
