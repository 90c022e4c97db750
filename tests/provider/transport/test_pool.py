"""Which connection a post goes on, and that none is left behind, over real sockets."""

from __future__ import annotations

import asyncio
import gc
import socket
import ssl
import time
from pathlib import Path

import pytest

from asyncsynth.provider.transport.connection import Connection
from asyncsynth.provider.transport.contract import BadCertificate, ConnectFailed, Disconnected, Distrusted
from asyncsynth.provider.transport.deadlines import LATE_S
from asyncsynth.provider.transport.place import place_of
from asyncsynth.provider.transport.pool import MAX_IDLE_S, Pool, request_head
from tests.provider.certificate import server_context, trusting_context
from tests.provider.scripted import Ending, Scripted, Turn, http, scripted
from tests.provider.threaded import Threaded, threaded


def pool_to(server: Scripted | Threaded, *, timeout_s: float = 20.0) -> Pool:
    return Pool(f"{server.base_url}/x", {}, timeout_s=timeout_s, max_body=2**20, ssl_context=trusting_context())


def test_the_head_names_the_place() -> None:
    head = b"POST /v1 HTTP/1.1\r\nHost: a.test:8000\r\nA: b\r\nContent-Length: "
    assert request_head(place_of("http://a.test:8000/v1"), {"A": "b"}) == head


def test_no_line_break_gets_into_the_head_by_the_url() -> None:
    assert request_head(place_of("http://a.test/v1%0d%0ax: y"), {}).count(b"\r\n") == 2


async def test_the_connection_used_last_is_used_next() -> None:
    """So that those beyond what is needed are idle until they end."""
    async with scripted(Turn(http(200, b"{}"))) as server:
        pool = pool_to(server)
        await asyncio.gather(*(pool.post(b"{}") for _ in range(3)))
        assert server.connections == 3
        used = [server.received[-1].connection]
        for _ in range(3):
            await pool.post(b"{}")
            used.append(server.received[-1].connection)
        assert len(set(used[1:])) == 1
        await pool.close()


async def test_a_connection_that_was_idle_for_long_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    async with scripted(Turn(http(200, b"{}"))) as server:
        pool = pool_to(server)
        await asyncio.gather(pool.post(b"{}"), pool.post(b"{}"))
        for connection in pool._idle:
            connection.idle_since -= MAX_IDLE_S
        await pool.post(b"{}")
        assert server.connections == 3
        await pool.close()


async def test_those_that_are_idle_for_long_are_closed_one_a_post() -> None:
    async with scripted(Turn(http(200, b"{}"))) as server:
        pool = pool_to(server)
        await asyncio.gather(*(pool.post(b"{}") for _ in range(3)))
        pool._idle[0].idle_since -= MAX_IDLE_S + 1
        await pool.post(b"{}")
        assert len(pool._idle) == 2
        await pool.close()


async def test_one_that_the_server_closed_while_it_was_idle_is_not_used() -> None:
    async with scripted(Turn(http(200, b"{}"))) as server:
        pool = pool_to(server)
        await pool.post(b"{}")
        [idle] = pool._idle
        server.close_connections()
        await asyncio.wait_for(idle.lost, 10)
        assert (await pool.post(b"{}")).status == 200
        assert server.connections == 2
        await pool.close()


async def one_idle(pool: Pool) -> Connection:
    """The pool has had a post, and its connection is idle."""
    await pool.post(b"{}")
    [idle] = pool._idle
    return idle


async def until_something_came(connection: Connection) -> None:
    """The bytes are in the kernel's buffer; the event loop gets no turn to read them."""
    until = time.monotonic() + 10
    while connection.is_silent:
        assert time.monotonic() < until
        time.sleep(0.001)  # noqa: ASYNC251 - on purpose, see above


@pytest.fixture(params=[False, True], ids=["plain", "tls"])
def tls(request: pytest.FixtureRequest, tmp_path: Path) -> ssl.SSLContext | None:
    return server_context(tmp_path) if request.param else None


async def test_bytes_that_only_the_kernel_has_seen_are_no_reply_to_the_next_request(tls: ssl.SSLContext | None) -> None:
    async with threaded(Turn(http(200, b"late")), Turn(http(200, b"right")), tls=tls) as server:
        pool = pool_to(server)
        idle = await one_idle(pool)
        server.send(http(200, b"late"))
        await until_something_came(idle)
        assert (await pool.post(b"{}")).body == b"right"
        assert server.server.connections == 2
        await pool.close()


async def test_an_end_that_only_the_kernel_has_seen_is_no_reason_to_distrust(tls: ssl.SSLContext | None) -> None:
    async with threaded(Turn(http(200, b"{}")), Turn(b"", "hang"), Turn(http(200, b"{}")), tls=tls) as server:
        pool = pool_to(server)
        idle = await one_idle(pool)
        waiting = asyncio.create_task(pool.post(b"{}", fresh=True))
        await server.arrived(2)
        server.close()
        await until_something_came(idle)
        assert (await pool.post(b"{}")).status == 200
        assert not waiting.done()
        waiting.cancel()
        await pool.close()


async def test_bytes_that_nobody_asked_for_make_all_connections_of_that_moment_untrusted() -> None:
    async with scripted(
        Turn(http(200, b"{}")), Turn(http(200, b"{}")), Turn(b"", "hang"), Turn(http(200, b"{}"))
    ) as server:
        pool = pool_to(server)
        await asyncio.gather(pool.post(b"{}"), pool.post(b"{}"))
        waiting = asyncio.create_task(pool.post(b"{}"))
        await server.arrived(3)
        server.send(http(200, b"late"), to=1 - server.received[-1].connection)
        with pytest.raises(Distrusted):
            await waiting
        assert not pool._idle
        await pool.post(b"{}")
        assert server.connections == 3
        await pool.close()


async def test_a_reply_that_is_whole_but_not_taken_yet_is_not_taken_either() -> None:
    async with scripted(Turn(http(200, b"{}")), Turn(b"", "hang")) as server:
        pool = pool_to(server)
        post = asyncio.create_task(pool.post(b"{}", fresh=True))
        await server.arrived(1)
        [connection] = pool._connections
        while connection._reply is not None:
            await asyncio.sleep(0)
        connection.distrust()
        with pytest.raises(Distrusted):
            await post
        await pool.close()


@pytest.mark.parametrize("kept", [1, 3])
async def test_a_request_that_crossed_with_the_end_of_its_connection_is_sent_once_more(
    monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    """However many connections ended at the same moment: the second time a new one is taken."""
    async with threaded(Turn(http(200, b"{}"))) as server:
        pool = pool_to(server)
        await asyncio.gather(*(pool.post(b"{}") for _ in range(kept)))
        assert server.server.connections == kept
        for number in range(kept):
            server.close(number)
        for idle in tuple(pool._idle):
            await until_something_came(idle)
        monkeypatch.setattr(Connection, "is_silent", True)  # as it was a moment before
        assert (await pool.post(b"{}")).status == 200
        assert (len(server.server.received), server.server.connections) == (kept + 1, kept + 1)
        await pool.close()


@pytest.mark.parametrize("ending", ["reset", "close"])
async def test_promise_10_a_request_that_arrived_is_not_sent_again_without_a_word(ending: Ending) -> None:
    """However soon the kept connection ended, the server may have been at work."""
    async with scripted(Turn(http(200, b"{}")), Turn(b"", ending)) as server:
        pool = pool_to(server)
        await pool.post(b"{}")
        with pytest.raises((Disconnected, ConnectionError)):
            await pool.post(b"{}")
        assert len(server.received) == 2
        await pool.close()


@pytest.mark.parametrize("ending", ["reset", "close"])
async def test_a_request_on_a_new_connection_is_sent_once(ending: Ending) -> None:
    async with scripted(Turn(b"", ending)) as server:
        pool = pool_to(server)
        with pytest.raises((Disconnected, ConnectionError)):
            await pool.post(b"{}")
        assert len(server.received) == 1
        await pool.close()


async def test_a_pool_that_was_closed_while_it_connected_leaves_no_connection_behind() -> None:
    async with scripted(Turn(http(200, b"{}"))) as server:
        pool = pool_to(server)
        post = asyncio.create_task(pool.post(b"{}"))
        await asyncio.sleep(0)
        await pool.close()
        with pytest.raises(ConnectFailed):
            await post
        assert not pool._connections
        assert server.received == []


async def test_the_first_reply_of_a_connection_is_told_from_the_others() -> None:
    async with scripted(Turn(http(200, b"{}"))) as server:
        pool = pool_to(server)
        assert [(await pool.post(b"{}")).is_first for _ in range(3)] == [True, False, False]
        await pool.close()


async def test_a_server_that_wants_to_close_is_not_asked_again() -> None:
    async with scripted(Turn(http(200, b"{}", {"connection": "close"}))) as server:
        pool = pool_to(server)
        await pool.post(b"{}")
        await pool.post(b"{}")
        assert server.connections == 2
        await pool.close()


async def test_a_fresh_connection_is_not_kept() -> None:
    async with scripted(Turn(http(200, b"{}"))) as server:
        pool = pool_to(server)
        await pool.post(b"{}", fresh=True)
        await pool.post(b"{}", fresh=True)
        assert server.connections == 2
        assert len(pool._idle) == 0
        await pool.close()


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_closing_leaves_no_socket_and_no_task_behind(tls: bool, tmp_path: Path) -> None:
    turns = [Turn(http(200, b"{}")), Turn(b"", "hang")]
    async with scripted(*turns, tls=server_context(tmp_path) if tls else None) as server:
        before = asyncio.all_tasks()
        pool = pool_to(server)
        await pool.post(b"{}")
        hanging = asyncio.create_task(pool.post(b"{}", fresh=True))
        await server.arrived(2)
        await pool.close()
        assert not pool._connections
        with pytest.raises(Distrusted):
            await hanging
        assert {task for task in asyncio.all_tasks() - before if "handle" not in repr(task)} == set()
    gc.collect()


async def test_a_reply_that_came_while_the_process_was_stopped_is_read_to_its_end() -> None:
    """It is longer than what the event loop reads in one turn, so that the timer would be first."""
    body = b"x" * 900_000
    async with scripted(Turn(b"", "hang")) as server:
        pool = pool_to(server, timeout_s=0.2)
        post = asyncio.create_task(pool.post(b"{}"))
        await server.arrived(1)
        server.send(http(200, body), to=0)
        time.sleep(0.2 + LATE_S + 0.1)  # noqa: ASYNC251 - a stopped process is what this is about
        assert (await post).body == body
        await pool.close()


async def test_a_post_that_takes_too_long_ends_its_connection() -> None:
    async with scripted(Turn(b"", "hang")) as server:
        pool = pool_to(server, timeout_s=0.1)
        with pytest.raises(TimeoutError):
            await pool.post(b"{}")
        [connection] = pool._connections
        assert not connection.is_open
        await pool.close()


async def test_a_cancelled_post_ends_its_connection() -> None:
    async with scripted(Turn(b"", "hang")) as server:
        pool = pool_to(server)
        post = asyncio.create_task(pool.post(b"{}"))
        await server.arrived(1)
        post.cancel()
        with pytest.raises(asyncio.CancelledError):
            await post
        assert all(not connection.is_open for connection in pool._connections)
        await pool.close()


async def test_a_call_that_breaks_just_as_it_is_cancelled_leaves_no_exception_unseen() -> None:
    unseen: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unseen.append(context))
    async with scripted(Turn(b"", "hang")) as server:
        pool = pool_to(server)
        post = asyncio.create_task(pool.post(b"{}"))
        await server.arrived(1)
        [connection] = pool._connections
        connection.connection_lost(ConnectionResetError())
        post.cancel()
        with pytest.raises(asyncio.CancelledError):
            await post
        del post, connection
        await pool.close()
    gc.collect()
    assert unseen == []


async def test_a_server_at_an_ipv6_address_is_reached() -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(http(200, b"six"))
        writer.close()

    server = await asyncio.start_server(handle, "::1", 0)
    port = server.sockets[0].getsockname()[1]
    pool = Pool(f"http://[::1]:{port}/", {}, timeout_s=20.0, max_body=99)
    assert (await pool.post(b"{}")).body == b"six"
    await pool.close()
    server.close()


async def test_a_certificate_for_another_name_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with scripted(Turn(http(200, b"{}")), tls=server_context(tmp_path)) as server:
        port = place_of(server.base_url).port
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

        async def known(*_: object, **__: object) -> object:
            return found

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", known)
        pool = Pool(f"https://other.test:{port}/", {}, timeout_s=20.0, max_body=99, ssl_context=trusting_context())
        with pytest.raises(BadCertificate):
            await pool.post(b"{}")
        assert server.received == []
        await pool.close()


async def test_a_name_that_no_name_can_be_is_a_failure_to_connect() -> None:
    pool = Pool(f"http://{'a' * 64}.test/", {}, timeout_s=9.0, max_body=9)
    with pytest.raises(ConnectFailed):
        await pool.post(b"{}")
    await pool.close()
