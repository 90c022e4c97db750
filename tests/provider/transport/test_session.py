"""aiohttp's transport: what of it is its own; test_endpoint*.py and test_desynchronised.py try what both promise."""

from __future__ import annotations

import asyncio
import gc
from functools import partial
from pathlib import Path

import pytest

from asyncsynth.provider.access import Access
from asyncsynth.provider.transport.contract import (
    BadCertificate,
    ConnectFailed,
    Distrusted,
    ProxyFailed,
    ProxyRefused,
)
from asyncsynth.provider.transport.proxies import Proxy, proxy_of
from asyncsynth.provider.transport.session import Session
from asyncsynth.values import Answer, Fault
from tests.provider.calls import assert_on_row, endpoint
from tests.provider.certificate import server_context, trusting_context
from tests.provider.scripted import CANARY, Scripted, Turn, answer, http, request, scripted
from tests.provider.tinyproxy import PASSWORD, USER, needs_tinyproxy, seen, tinyproxy

LOGIN = f"{USER}:{PASSWORD}"
WITH_LOGIN = f"BasicAuth {USER} {PASSWORD}"


def session_to(server: Scripted, proxy: str | None = None, *, timeout_s: float = 20.0) -> Session:
    named: Proxy | None = None if proxy is None else proxy_of(proxy, "HTTPS_PROXY")
    url = f"{server.base_url}/x"
    return Session(url, {}, timeout_s=timeout_s, max_body=2**20, proxy=named, ssl_context=trusting_context())


async def test_each_post_has_a_connection_of_its_own() -> None:
    async with scripted(Turn(http(200, b"{}"))) as server:
        session = session_to(server)
        assert [(await session.post(b"{}")).is_first for _ in range(3)] == [True] * 3
        assert server.connections == 3
        await session.close()


async def test_a_stranger_on_one_connection_makes_all_of_that_moment_untrusted() -> None:
    async with scripted(Turn(b"", "hang"), Turn(http(200, b"{}") * 2)) as server:
        session = session_to(server)
        waiting = asyncio.create_task(session.post(b"{}"))
        await server.arrived(1)
        for under_way in (session.post(b"{}"), waiting):
            with pytest.raises(Distrusted):
                await under_way
        await session.close()


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_closing_ends_every_post_and_leaves_no_socket_and_no_task_behind(tls: bool, tmp_path: Path) -> None:
    async with scripted(Turn(b"", "hang"), tls=server_context(tmp_path) if tls else None) as server:
        session = session_to(server)
        posts = [asyncio.create_task(session.post(b"{}")) for _ in range(3)]
        await server.arrived(3)
        late = asyncio.create_task(session.post(b"{}"))
        await asyncio.sleep(0)
        await session.close()
        ends = await asyncio.gather(*posts, late, return_exceptions=True)
        assert [type(end) for end in ends] == [Distrusted] * 3 + [ConnectFailed]
        with pytest.raises(ConnectFailed):
            await session.post(b"{}")
    gc.collect()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_certificate_that_nobody_signed_is_not_trusted(tmp_path: Path) -> None:
    async with scripted(Turn(http(200, b"{}")), tls=server_context(tmp_path)) as server:
        session = Session(f"{server.base_url}/x", {}, timeout_s=9.0, max_body=9)
        with pytest.raises(BadCertificate):
            await session.post(b"{}")
        await session.close()


@needs_tinyproxy
@pytest.mark.parametrize("tls", [False, True], ids=["http", "https by CONNECT"])
async def test_a_post_goes_through_the_proxy_with_its_login(tls: bool, tmp_path: Path) -> None:
    async with (
        tinyproxy(tmp_path, WITH_LOGIN) as proxy,
        scripted(Turn(http(200, b"{}")), tls=server_context(tmp_path) if tls else None) as server,
    ):
        session = session_to(server, f"http://{LOGIN}@{proxy}")
        replies = await asyncio.gather(*(session.post(b'{"a": 1}') for _ in range(5)))
        await session.close()
    assert [reply.status for reply in replies] == [200] * 5
    assert all(received.body == b'{"a": 1}' for received in server.received)
    assert all("proxy-authorization" not in received.head.lower() for received in server.received)
    assert seen(tmp_path).count("Established connection to host") == 5


async def fault_through(proxy: str, base_url: str) -> Fault:
    named = proxy_of(proxy, "HTTPS_PROXY")
    transport = partial(Session, proxy=named, ssl_context=trusting_context())
    async with endpoint(base_url, open_transport=transport, access=Access(proxy=named)) as calls:
        outcome = (await calls.send(request())).outcome
    assert isinstance(outcome, Fault)
    assert PASSWORD not in repr(outcome)
    assert PASSWORD[:-1] not in repr(outcome)
    return outcome


@needs_tinyproxy
@pytest.mark.parametrize("tls", [False, True], ids=["http", "https by CONNECT"])
async def test_a_wrong_login_stops_the_run_and_says_where_it_belongs(tls: bool, tmp_path: Path) -> None:
    async with (
        tinyproxy(tmp_path, WITH_LOGIN) as proxy,
        scripted(Turn(http(200, answer("chat"))), tls=server_context(tmp_path) if tls else None) as server,
    ):
        # Over http tinyproxy says 401 of a wrong password, which nobody can tell from the endpoint's own.
        for login in ("", f"{USER}:{PASSWORD[:-1]}@")[: 1 + tls]:
            fault = await fault_through(f"http://{login}{proxy}", server.base_url)
            assert_on_row(fault, "proxy_login")
            assert f"the proxy http://{proxy} of HTTPS_PROXY does not accept the login (HTTP 40" in fault.message
        assert server.received == []


@needs_tinyproxy
async def test_a_proxy_that_forbids_a_host_stops_the_run(tmp_path: Path) -> None:
    async with (
        tinyproxy(tmp_path, "ConnectPort 443") as proxy,
        scripted(Turn(http(200, answer("chat"))), tls=server_context(tmp_path)) as server,
    ):
        fault = await fault_through(f"http://{proxy}", server.base_url)
    assert_on_row(fault, "proxy_refused")
    assert (
        f"the proxy http://{proxy} of HTTPS_PROXY refuses to connect to {server.base_url} (HTTP 403)" in fault.message
    )


@needs_tinyproxy
async def test_an_endpoint_that_the_proxy_cannot_reach_is_unreachable(tmp_path: Path) -> None:
    async with tinyproxy(tmp_path) as proxy:
        fault = await fault_through(f"http://{proxy}", "https://127.0.0.1:9/v1")
    assert_on_row(fault, "unreachable")


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", "http://proxy.invalid:3128"])
async def test_a_proxy_that_is_down_is_told_by_its_address(proxy: str) -> None:
    fault = await fault_through(proxy, "https://api.example.com/v1")
    assert_on_row(fault, "proxy_unreachable")
    assert f"can't connect to the proxy {proxy} of HTTPS_PROXY" in fault.message


async def test_the_errors_of_a_proxy_are_told_apart() -> None:
    async with scripted(Turn(b"HTTP/1.1 502 No\r\n\r\n", "close")) as proxy:
        address = proxy.base_url.removesuffix("/v1")
        session = Session("https://api.test/x", {}, timeout_s=9, max_body=9, proxy=proxy_of(address, "P"))
        with pytest.raises(ProxyRefused) as refused:
            await session.post(b"{}")
        await session.close()
    assert refused.value.status == 502
    assert "CONNECT api.test:443" in proxy.received[0].head
    session = Session("https://api.test/x", {}, timeout_s=9, max_body=9, proxy=proxy_of("127.0.0.1:9", "P"))
    with pytest.raises(ProxyFailed):
        await session.post(b"{}")
    await session.close()


@pytest.mark.parametrize("login", ["", f"{LOGIN}@"], ids=["without a login", "with a login"])
async def test_promise_12_the_key_is_not_for_the_proxy(login: str) -> None:
    """With http the proxy sees it all the same, where it is meant for the endpoint."""
    async with scripted(Turn(b"HTTP/1.1 502 No\r\n\r\n", "close")) as proxy:
        address = proxy.base_url.replace("http://", f"http://{login}").removesuffix("/v1")
        named = proxy_of(address, "HTTPS_PROXY")
        for url in ("https://api.test/v1", "http://api.test/v1"):
            with_key = Access({"Authorization": f"Bearer {CANARY}", "api-key": CANARY}, proxy=named)
            async with endpoint(url, open_transport=None, access=with_key) as calls:
                await calls.send(request())
    connect, post = (received.head for received in proxy.received)
    assert connect.startswith("CONNECT api.test:443")
    assert CANARY not in connect
    assert post.count(CANARY) == 2
    for head in (connect, post):
        assert ("Proxy-Authorization: Basic" in head) == bool(login)
        assert "Proxy-Authorization: Bearer" not in head


async def test_an_answer_through_a_proxy_is_an_answer_of_the_endpoint() -> None:
    async with scripted(Turn(http(200, answer("chat")))) as proxy:
        named = proxy_of(proxy.base_url.removesuffix("/v1"), "HTTP_PROXY")
        async with endpoint("http://api.test/v1", open_transport=None, access=Access(proxy=named)) as calls:
            assert isinstance((await calls.send(request())).outcome, Answer)
    assert proxy.received[0].head.startswith("POST http://api.test/v1/chat/completions HTTP/1.1")
