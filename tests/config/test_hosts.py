"""How far away a host is."""

from __future__ import annotations

import pytest

from asyncsynth.config.hosts import is_loopback, is_private


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "127.0.0.1", "127.8.8.8", "::1", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.9.9",
        "192.168.178.2", "169.254.7.7", "fc00::1", "fdff::1", "fe80::1", "fe80::1%eth0", "nas.local", "nas.local.",
        "gpu.home.arpa",
    ],
)  # fmt: skip
def test_machines_of_ones_own_networks_are_private(host: str) -> None:
    assert is_private(host)


@pytest.mark.parametrize(
    "host",
    [
        "", "gpu-box", "example.com", "local", "evil-local", "10.0.0.1.example.com", "11.0.0.1", "172.15.0.1",
        "172.32.0.1", "192.169.0.1", "100.64.0.1", "203.0.113.1", "2001:db8::1", "fb00::1", "::", "0.0.0.0",
        "010.0.0.1",
    ],
)  # fmt: skip
def test_what_may_be_anybodys_is_not(host: str) -> None:
    assert not is_private(host)
    assert not is_loopback(host)


def test_a_private_address_is_not_this_machine() -> None:
    assert not is_loopback("192.168.0.1")
