"""`asyncsynth simulate` says whom it serves, where that is not only this machine."""

from __future__ import annotations

import signal
import socket

import pytest

from tests.cli.conftest import House, ended_by


@pytest.mark.parametrize(("host", "warned"), [("0.0.0.0", True), ("127.0.0.1", False)])
def test_a_simulator_that_others_may_reach_says_so(house: House, host: str, warned: bool) -> None:
    process = house.start("simulate", "--host", host, "--port", "0")
    assert process.stdout is not None
    assert process.stdout.readline().startswith("listening: ")
    _, err = ended_by(process, signal.SIGTERM)
    assert ("other machines may reach" in err) is warned


@pytest.mark.parametrize("command", ["simulate", "local"])
def test_a_port_that_is_taken_is_named_by_every_server_alike(house: House, command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = house.run(command, "--port", str(port))
    assert done.returncode == 2
    assert f"can't listen on 127.0.0.1 port {port}: Address already in use" in done.stderr
