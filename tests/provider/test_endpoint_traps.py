"""What aiohttp, a hostile server or a careless one could do to a call, its key and its price, over real sockets."""

from __future__ import annotations

import asyncio
import gc
import gzip
import json
import tracemalloc
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from asyncsynth.provider import endpoint as endpoint_module
from asyncsynth.provider.access import Access, bearer
from asyncsynth.provider.api_key import ApiKey
from asyncsynth.provider.endpoint import WARY_S
from asyncsynth.provider.faults import ROW_OF
from asyncsynth.provider.wires import wire_of
from asyncsynth.values import Answer, Api, Fault, Usage
from tests.provider.calls import assert_on_row, bomb, both_apis, endpoint, error, one_call, one_fault
from tests.provider.scripted import CANARY, Turn, answer, http, request, scripted

pytestmark = pytest.mark.usefixtures("carrier")


@both_apis
async def test_an_answer_comes_with_the_bytes_that_were_sent(api: Api) -> None:
    async with scripted(Turn(http(200, answer(api)))) as server, endpoint(server.base_url, api) as calls:
        reply = await calls.send(request("Imagine a plot."))
        received = server.received[0]
    assert isinstance(reply.outcome, Answer)
    assert reply.outcome.text == "A plot."
    assert reply.request_body == received.body
    assert received.head.startswith(f"POST /v1{wire_of(api, 'm', {}).path} HTTP/1.1\r\n")
    assert f"\r\nAuthorization: Bearer {CANARY}\r\n" in received.head
    assert "\r\nContent-Type: application/json\r\n" in received.head


async def test_the_latency_is_that_of_the_call() -> None:
    ticks = iter([10.0, 12.5])
    reply = await one_call(Turn(http(200, answer("chat"))), clock=lambda: next(ticks))
    assert reply.latency_s == 2.5


async def test_without_a_key_no_authorization_is_sent() -> None:
    async with scripted(Turn(http(200, answer("chat")))) as server:
        async with endpoint(server.base_url, access=Access()) as calls:
            assert isinstance((await calls.send(request())).outcome, Answer)
        assert "authorization" not in server.received[0].head.lower()


@pytest.mark.kept_connections
async def test_calls_share_connections() -> None:
    """But for the second answer, which shows on a connection of its own if this endpoint's answers are all alike."""
    async with scripted(Turn(http(200, answer("chat")))) as server, endpoint(server.base_url) as calls:
        for _ in range(5):
            await calls.send(request())
        assert [received.connection for received in server.received] == [0, 1, 0, 0, 0]


async def test_without_keep_alive_each_call_has_a_connection_of_its_own() -> None:
    async with scripted(Turn(http(200, answer("chat")))) as server:
        async with endpoint(server.base_url, keep_alive=False) as calls:
            for _ in range(3):
                await calls.send(request())
        assert [received.connection for received in server.received] == [0, 1, 2]
        assert all("\r\nConnection: close\r\n" in received.head for received in server.received)


def named(reply_id: str, text: str) -> Turn:
    return Turn(http(200, answer("chat", text, id=reply_id.rjust(32, "x"))))


async def test_a_late_copy_is_not_taken_and_all_connections_of_that_moment_are_left() -> None:
    turns = [named("a", "A"), named("b", "B"), Turn(b"", "hang"), named("b", "B")]
    async with scripted(*turns) as server, endpoint(server.base_url) as calls:
        for name in "ab":
            await calls.send(request(name, key=name))
        under_way = asyncio.create_task(calls.send(request("c", key="c")))
        await server.arrived(3)
        for fault in ((await calls.send(request("d", key="d"))).outcome, (await under_way).outcome):
            assert isinstance(fault, Fault)
            assert_on_row(fault, "stray_reply")


@pytest.mark.kept_connections
async def test_after_a_late_copy_each_call_has_a_connection_of_its_own_for_a_minute() -> None:
    now = 0.0
    turns = [named(name, name) for name in "abbdefgh"]
    async with scripted(*turns) as server, endpoint(server.base_url, clock=lambda: now) as calls:
        reasons = []
        for name in "abcdefgh":
            outcome = (await calls.send(request(name, key=name))).outcome
            reasons.append(outcome.reason if isinstance(outcome, Fault) else "")
            now = WARY_S if name == "f" else now
    assert reasons == ["", "", "stray_reply", "", "", "", "", ""]
    assert [received.connection for received in server.received] == [0, 1, 0, 2, 3, 4, 5, 5]


async def test_a_copy_of_an_unusable_reply_is_no_fault_of_this_sample() -> None:
    """Else a sample would be dead for what the model said of another one."""
    refusal = Turn(http(200, answer("chat", None, "content_filter", id="r" * 32)))
    turns = [named("a", "A"), named("b", "B"), refusal, refusal]
    async with scripted(*turns) as server, endpoint(server.base_url) as calls:
        reasons = []
        for name in "abcd":
            outcome = (await calls.send(request(name, key=name))).outcome
            reasons.append(outcome.reason if isinstance(outcome, Fault) else "")
    assert reasons == ["", "", "content_filter", "stray_reply"]


async def test_more_calls_than_aiohttps_pool_holds_by_default_are_under_way_at_a_time() -> None:
    async with scripted(Turn(b"", "hang")) as server, endpoint(server.base_url) as calls:
        sending = [asyncio.create_task(calls.send(request(key=str(number)))) for number in range(110)]
        await server.arrived(110)
        for task in sending:
            task.cancel()
        ended = await asyncio.gather(*sending, return_exceptions=True)
    assert all(isinstance(one, asyncio.CancelledError) for one in ended), "cancellation must pass through"


async def test_a_redirect_is_never_followed() -> None:
    async with scripted(Turn(http(200, answer("chat")))) as elsewhere:
        location = {"location": f"{elsewhere.base_url}/chat/completions"}
        assert_on_row(await one_fault(Turn(http(308, b"", location))), "redirect")
        assert elsewhere.received == [], "the prompt and the key were posted elsewhere"


async def test_cookies_are_not_sent_back() -> None:
    turn = Turn(http(200, answer("chat"), {"set-cookie": "session=1; Path=/"}))
    async with scripted(turn) as server, endpoint(server.base_url) as calls:
        await calls.send(request())
        await calls.send(request())
        assert "cookie" not in server.received[1].head.lower()


async def test_a_proxy_of_the_environment_does_not_get_the_prompts(monkeypatch: pytest.MonkeyPatch) -> None:
    async with scripted(Turn(http(500, b""))) as proxy, scripted(Turn(http(200, answer("chat")))) as server:
        monkeypatch.setenv("http_proxy", proxy.base_url)
        async with endpoint(server.base_url) as calls:
            assert isinstance((await calls.send(request())).outcome, Answer)
        assert proxy.received == []


@pytest.mark.parametrize("broken", [Turn(b"", "reset"), Turn(b"", "close")], ids=["reset", "closed"])
async def test_a_connection_that_breaks_under_a_request_sends_it_only_once(broken: Turn) -> None:
    """A hidden second send would be paid twice and never be seen; tests of the pool tell of the exception."""
    async with scripted(broken) as server, endpoint(server.base_url) as calls:
        outcome = (await calls.send(request())).outcome
        assert isinstance(outcome, Fault)
        assert_on_row(outcome, "disconnected")
        assert len(server.received) == 1


@pytest.mark.kept_connections
@pytest.mark.parametrize(
    "bad",
    [Turn(b"", "reset"), Turn(http(500, b"")), Turn(http(200, b"{"))],
    ids=["disconnected", "server_error", "bad_json"],
)
async def test_a_retry_gets_a_connection_of_its_own(bad: Turn) -> None:
    """Other idle connections of the pool may be as dead as the one that broke."""
    good = Turn(http(200, answer("chat")))
    async with scripted(good, bad, good) as server, endpoint(server.base_url) as calls:
        await calls.send(request(key="first"))
        assert isinstance((await calls.send(request(key="unlucky"))).outcome, Fault)
        used = {received.connection for received in server.received}
        await calls.send(request(key="unlucky"))
        assert server.received[-1].connection not in used
        await calls.send(request(key="unlucky"))
        await calls.send(request(key="unlucky"))
        assert server.received[-1].connection == server.received[-2].connection, "and the pool again after that"


@pytest.mark.kept_connections
@pytest.mark.parametrize("status", [429, 503])
async def test_a_limit_or_an_overload_keeps_the_connection(status: int) -> None:
    """New connections, with their handshakes, are the last thing that an overloaded endpoint needs."""
    async with scripted(Turn(http(status, b"{}"))) as server, endpoint(server.base_url) as calls:
        for _ in range(3):
            await calls.send(request())
        assert server.connections == 1


@dataclass(frozen=True)
class Packing:
    """A content coding, and what packs with it."""

    name: str
    pack: Callable[[bytes], bytes]


@pytest.mark.parametrize(
    "packing", [Packing("gzip", gzip.compress), Packing("deflate", zlib.compress)], ids=lambda p: p.name
)
async def test_an_answer_that_comes_packed_is_unpacked(packing: Packing) -> None:
    packed = packing.pack(json.dumps(answer("chat", "word " * 60_000)).encode())
    outcome = (await one_call(Turn(http(200, packed, {"content-encoding": packing.name})))).outcome
    assert isinstance(outcome, Answer)
    assert len(outcome.text) == 300_000


async def test_what_can_not_be_unpacked_falls_on_the_row_body_cut_off() -> None:
    assert_on_row(await one_fault(Turn(http(200, b"no gzip", {"content-encoding": "gzip"}))), "body_cut_off")


async def test_a_compressed_bomb_takes_little_more_memory_than_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint_module, "MAX_BODY_BYTES", 2**20)
    turn = Turn(bomb())
    gc.collect()
    tracemalloc.start()
    try:
        fault = await one_fault(turn)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert_on_row(fault, "body_too_large")
    assert peak < 8 * 2**20


async def test_an_endless_body_is_left_at_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint_module, "MAX_BODY_BYTES", 2**18)
    chunk = b"10000\r\n" + b" " * 2**16 + b"\r\n"
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    assert_on_row(await one_fault(Turn(head + chunk * 8, "hang")), "body_too_large")


async def test_a_body_below_the_cap_in_many_pieces_is_whole() -> None:
    outcome = (await one_call(Turn(http(200, answer("chat", "word " * 400_000))))).outcome
    assert isinstance(outcome, Answer)
    assert len(outcome.text) == 2_000_000


async def test_a_prompt_of_several_megabytes_is_sent_without_a_warning() -> None:
    async with scripted(Turn(http(200, answer("chat")))) as server, endpoint(server.base_url) as calls:
        reply = await calls.send(request("word " * 600_000))
        assert isinstance(reply.outcome, Answer)
        assert server.received[0].body == reply.request_body


async def test_the_body_of_an_error_that_echoes_the_key_is_kept_without_it() -> None:
    """It goes to raw.jsonl, and the key must be on no disk."""
    echo = await one_fault(Turn(http(401, error("invalid_api_key", f"wrong: {CANARY}"))))
    assert echo.body is not None
    assert CANARY.encode() not in echo.body
    assert b"[key]" in echo.body


@both_apis
@pytest.mark.parametrize("word", ["none", "ollama", "test", "token", "stop", "e", "0", "usage"])
async def test_promise_12_an_answer_is_never_changed_for_the_keys_sake(api: Api, word: str) -> None:
    """Local servers want any key, and people give them a common word."""
    body = json.dumps(answer(api, f"Text with {word}, {word}.", model=f"m-{word}")).encode()
    async with scripted(Turn(http(200, body))) as server:
        async with endpoint(server.base_url, api, access=bearer(ApiKey(word))) as calls:
            outcome = (await calls.send(request())).outcome
        assert f"Bearer {word}" in server.received[0].head
    assert isinstance(outcome, Answer)
    assert (outcome.text, outcome.body) == (f"Text with {word}, {word}.", body)
    assert (outcome.usage, outcome.model, outcome.finish_reason) == (Usage(57, 212), f"m-{word}", "stop")


async def test_promise_12_an_answer_that_is_no_record_keeps_its_body_too() -> None:
    body = json.dumps(answer("chat", f"{CANARY} is cut", "content_filter")).encode()
    fault = await one_fault(Turn(http(200, body)))
    assert (fault.reason, fault.body) == ("content_filter", body)


@pytest.mark.parametrize("status", [200, 201, 203])
async def test_a_reply_is_noted_with_its_own_status(status: int) -> None:
    outcome = (await one_call(Turn(http(status, answer("chat"))))).outcome
    assert isinstance(outcome, Answer)
    assert outcome.status == status


async def test_dates_in_headers_are_read_by_the_wall_clock_given() -> None:
    fault = await one_fault(Turn(http(429, b"{}", {"retry-after": "Sun, 22 Nov 2026 10:08:31 GMT"})))
    assert fault.retry_after_s == 60.0


@both_apis
async def test_lone_surrogates_are_kept_and_flagged_over_the_wire(api: Api) -> None:
    outcome = (await one_call(Turn(http(200, answer(api, "half \ud83d pair"))), api)).outcome
    assert isinstance(outcome, Answer)
    assert (outcome.text, outcome.flags) == ("half \ufffd pair", ("lone_surrogate",))


HOSTILE: Mapping[str, bytes] = {
    "nothing": b"",
    "noise": bytes(range(256)) * 4,
    "negative length": b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n{}",
    "two lengths": b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}",
    "bad chunk": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    "endless header": b"HTTP/1.1 200 OK\r\nx: " + b"y" * 100_000,
    "many headers": b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 5_000 + b"\r\n",
    "control characters": b"HTTP/1.1 200 \x1b[31m\r\nx: \x00\r\n\r\n",
    "no content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "switching protocols": b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    "deep error": http(400, b'{"error":' + b'{"error":' * 900 + b"1" + b"}" * 901),
    "unknown packing": http(200, b"{}", {"content-encoding": "br"}),
    "strange type": http(200, b"{}", {"content-type": "\x7f;;charset=nonsense"}),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
async def test_nothing_that_a_server_sends_raises(data: bytes) -> None:
    fault = await one_fault(Turn(data, "close"))
    assert fault.reason in ROW_OF
    assert fault.message.isprintable()


async def test_cancelling_a_call_passes_through_and_leaves_the_endpoint_usable() -> None:
    turns = [Turn(b"", "hang"), Turn(http(200, answer("chat")))]
    async with scripted(*turns) as server, endpoint(server.base_url) as calls:
        call = asyncio.create_task(calls.send(request()))
        await server.arrived(1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert isinstance((await calls.send(request())).outcome, Answer)
