"""Servers of ours say alike that an address is taken, and know whom they serve."""

from __future__ import annotations

import socket

import pytest

from asyncsynth.errors import UsageError
from asyncsynth.servers.listening import check_free, known_hosts, without_port


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_on_loopback_its_names_are_known_and_no_others(host: str) -> None:
    known = known_hosts(host)
    assert known is not None
    assert {"localhost", f"[{host}]" if ":" in host else host} <= known
    assert "evil.test" not in known
    assert "" not in known


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "example.org", ""])
def test_elsewhere_nobody_knows_the_names(host: str) -> None:
    assert known_hosts(host) is None


@pytest.mark.parametrize(
    ("header", "host"),
    [
        ("localhost", "localhost"),
        ("LocalHost:8080", "localhost"),
        ("127.0.0.1:8080", "127.0.0.1"),
        ("[::1]", "[::1]"),
        ("[::1]:8080", "[::1]"),
        ("", ""),
    ],
)
def test_the_port_is_no_part_of_the_name(header: str, host: str) -> None:
    assert without_port(header) == host


def test_a_port_that_is_taken_is_named_and_a_free_one_is_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=rf"127\.0\.0\.1 port {port}: Address already in use") as caught:
            check_free("127.0.0.1", port)
        assert "--port" in caught.value.hint
    check_free("127.0.0.1", port)


def test_a_host_that_is_none_is_named() -> None:
    with pytest.raises(UsageError, match=r"can't listen on 192\.0\.2\.1 port 9"):
        check_free("192.0.2.1", 9)
