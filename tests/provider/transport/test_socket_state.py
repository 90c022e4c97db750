"""What the kernel holds is seen without reading it, on real sockets."""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator

import pytest

from asyncsynth.provider.transport.socket_state import undelivered_of, unread_in


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two ends of a TCP connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**13)
        with socket.create_connection(listener.getsockname()) as ours, listener.accept()[0] as theirs:
            yield ours, theirs


@pytest.fixture(params=["poll", "select"])
def _ways_to_look(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "select":
        monkeypatch.delattr(select, "poll")


@pytest.mark.usefixtures("_ways_to_look")
def test_bytes_and_the_end_are_seen_and_stay_unread(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    unread = unread_in(ours.fileno())
    assert not unread(0)
    theirs.sendall(b"late")
    select.select([ours], [], [], 10)
    assert unread(0)
    assert ours.recv(10) == b"late"
    assert not unread(0)
    theirs.close()
    select.select([ours], [], [], 10)
    assert unread(0)


def test_bytes_are_undelivered_until_the_other_side_has_room_for_them(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = pair
    ours.setblocking(False)
    undelivered = undelivered_of(ours.fileno())
    assert not undelivered()
    sent = ours.send(b"x" * 2**20)
    assert undelivered()
    theirs.settimeout(10)
    while sent:
        sent -= len(theirs.recv(sent))
    assert not undelivered()


def test_what_has_no_queue_has_nothing_undelivered() -> None:
    read_end, write_end = socket.socketpair()
    read_end.close()
    descriptor = write_end.fileno()
    write_end.close()
    assert not undelivered_of(descriptor)()
