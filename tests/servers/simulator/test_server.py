"""On real loopback sockets: what a client sees, and that /stats and the ledger say the same."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from asyncsynth.costs import Price
from asyncsynth.errors import UsageError
from asyncsynth.servers.simulator import FaultKind, Settings, Simulator, prompt_hash, serve
from asyncsynth.servers.simulator.answering import APIS
from asyncsynth.servers.simulator.dialects import DIALECTS
from asyncsynth.servers.simulator.faults import FAULTS, Effect
from asyncsynth.servers.simulator.server import epoch_clock
from asyncsynth.values import Api
from tests.patience import LONGEST_S

Start = Callable[..., AbstractAsyncContextManager[Simulator]]
Ask = Callable[..., Awaitable[Any]]
Body = Callable[..., bytes]
CHAT = "/v1/chat/completions"
ENDINGS = {Effect.SEND: "whole", Effect.TRUNCATE: "cut", Effect.RESET: "reset", Effect.HANG: "silent"}


async def test_pages_answer_in_openais_shapes(simulator: Start, ask: Ask) -> None:
    async with simulator() as running:
        health = await ask(running.base_url, "/health")
        models = await ask(running.base_url, "/v1/models")
        assert (health.status, health.tree) == (200, {"status": "ok"})
        assert [one["id"] for one in models.tree["data"]] == ["simulated"]
        one = await ask(running.base_url, "/v1/models/org/name-7b")
        assert (one.status, one.tree["id"], one.tree["object"]) == (200, "org/name-7b", "model")
        unknown = await ask(running.base_url, "/v1/embeddings", b"{}")
        assert (unknown.status, unknown.tree["error"]["type"]) == (404, "invalid_request_error")
        assert (await ask(running.base_url, CHAT)).status == 405
        assert (await ask(running.base_url, "/stats", b"{}")).status == 405
        assert (await ask(running.base_url, CHAT, b"{")).status == 400
        assert (await ask(running.base_url, CHAT, b"x" * (1024**2 + 1))).status == 413


@pytest.mark.parametrize(("path", "api"), APIS.items())
@pytest.mark.parametrize("kind", FaultKind)
async def test_each_fault_is_seen_on_the_socket(
    kind: FaultKind, path: str, api: Api, simulator: Start, ask: Ask, body: Body
) -> None:
    async with simulator(fault_shares={kind: 1.0}) as running:
        patience_s = 0.05 if kind is FaultKind.HANG else 10.0
        seen = await ask(running.base_url, path, body("a prompt", api=api), patience_s)
        own = DIALECTS[api].own.get(kind)
        status = FAULTS[kind].status if own is None else own.status
        assert (seen.ending, seen.status) == (ENDINGS[FAULTS[kind].effect], status)
        totals = running.provider.stats.totals()
        assert (totals["faults"], totals["billed"], totals["in_flight"]) == ({kind: 1}, FAULTS[kind].billed, 0)


@pytest.mark.parametrize(("path", "api"), [(CHAT, "chat"), ("/v1/completions", "completions")])
async def test_answer_has_the_models_text_and_usage(
    path: str, api: str, simulator: Start, ask: Ask, body: Body
) -> None:
    async with simulator() as running:
        seen = await ask(running.base_url, path, body("12345678", api=api))
    choice = seen.tree["choices"][0]
    text = choice["text"] if api == "completions" else choice["message"]["content"]
    assert text.startswith("[simulated] ")
    assert seen.tree["usage"]["prompt_tokens"] == 2
    assert seen.tree["usage"]["completion_tokens"] == -(-len(text) // 4)
    assert seen.headers["content-type"] == "application/json"


async def test_stats_and_ledger_say_what_the_client_saw(simulator: Start, ask: Ask, body: Body, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"
    prompts = [f"3f0c9a52-1111-2222-3333-{number:012x}\n\nImagine {number}." for number in range(40)]
    async with simulator(
        faults=0.3, fault_shares={"refusal": 0.1}, requests_per_minute=70, price=Price(150_000, 600_000), ledger=ledger
    ) as running:
        replies = await asyncio.gather(*(ask(running.base_url, CHAT, body(one)) for one in prompts * 2))
        stats = (await ask(running.base_url, "/stats?prompts=1&texts=1")).tree
    lines = [json.loads(line) for line in ledger.read_bytes().splitlines()]

    answered: Counter[str] = Counter()
    for prompt, seen in zip(prompts * 2, replies, strict=True):
        usable = seen.status == 200 and seen.ending == "whole" and b"[simulated] " in seen.body
        if usable and seen.body.endswith(b"}") and b"I'm sorry" not in seen.body:
            answered[prompt_hash(prompt)] += 1
    assert stats["calls"] == len(lines) == 80
    assert stats["answered"] == answered.total()
    assert {key: one["answered"] for key, one in stats["prompts"].items()} == {
        prompt_hash(one): answered[prompt_hash(one)] for one in prompts
    }
    limited = sum(seen.status == 429 and b"Limit 70" in seen.body for seen in replies)
    assert stats["refused"] == limited == 10
    assert stats["faults"] == Counter(line["fault"] for line in lines if line["fault"])
    assert stats["billed"] == sum(line["billed"] for line in lines)
    tokens = [sum(line[name] for line in lines) for name in ("prompt_tokens", "completion_tokens")]
    assert [stats["prompt_tokens"], stats["completion_tokens"]] == tokens
    assert stats["billed_usd"] == (tokens[0] * 150_000 + tokens[1] * 600_000) / 10**12
    assert {line["uuid"] for line in lines} == {one[:36] for one in prompts}
    assert {one["text"] for one in stats["prompts"].values()} == set(prompts)


async def test_a_connection_is_used_again_and_again(simulator: Start, body: Body) -> None:
    request = body("a")
    head = f"POST {CHAT} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(request)}\r\n\r\n".encode()
    async with simulator() as running:
        reader, writer = await connect(running)
        for _ in range(3):
            writer.write(head + request)
            answer = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(answer.split(b"content-length: ")[1]))
        writer.transport.abort()
        assert running.provider.stats.answered == 3


async def test_an_answer_whose_client_is_gone_is_billed_and_undelivered(
    simulator: Start, body: Body, tmp_path: Path
) -> None:
    request = body("a")
    ledger = tmp_path / "ledger.jsonl"
    async with simulator(latency_s=0.3, latency_sigma=0.0, ledger=ledger) as running:
        _, writer = await connect(running)
        head = f"POST {CHAT} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(request)}\r\n\r\n"
        writer.write(head.encode() + request)
        stats = running.provider.stats
        await until(lambda: stats.in_flight == 1)
        writer.transport.abort()
        await until(lambda: stats.in_flight == 0)
        assert (stats.answered, stats.undelivered, stats.billed) == (0, 1, 1)
    assert json.loads(ledger.read_bytes())["delivered"] is False


async def test_an_answer_that_the_ledger_cannot_take_is_not_sent(simulator: Start, ask: Ask, body: Body) -> None:
    async with simulator(ledger=Path("/dev/full")) as running:
        seen = await ask(running.base_url, CHAT, body("a"))
    assert seen.status == 500
    assert seen.tree["error"]["message"] == "the ledger can't be written: No space left on device"


async def test_a_head_gets_no_body_that_the_client_would_take_for_the_next_reply(simulator: Start) -> None:
    async with simulator() as running:
        reader, writer = await connect(running)
        writer.write(b"HEAD /health HTTP/1.1\r\nhost: localhost\r\n\r\nGET /health HTTP/1.0\r\nhost: localhost\r\n\r\n")
        first, second, rest = (await reader.read()).split(b"\r\n\r\n")
        writer.close()
    assert [first.split()[1], second.split()[1]] == [b"405", b"200"]
    assert json.loads(rest) == {"status": "ok"}


async def test_a_refusal_reaches_a_client_that_is_still_sending(simulator: Start) -> None:
    async with simulator() as running:
        reader, writer = await connect(running)
        size = 8 * 1024**2
        writer.write(
            f"POST {CHAT} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {size}\r\n\r\n".encode() + b"x" * size
        )
        await writer.drain()
        assert (await reader.read()).startswith(b"HTTP/1.1 413 ")
        writer.close()


@pytest.mark.parametrize(("latency_s", "answered"), [(0.005, 1), (60.0, 0)])
async def test_shutting_down_waits_for_a_call_but_not_for_long(
    latency_s: float, answered: int, simulator: Start, body: Body, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it doesn't wait for is neither counted nor billed, as if the server had been killed."""
    timers: list[tuple[Any, ...]] = []
    later = asyncio.get_running_loop().call_later

    def note(*what: Any, **more: Any) -> asyncio.TimerHandle:
        timers.append(what)
        return later(*what, **more)

    monkeypatch.setattr(asyncio.get_running_loop(), "call_later", note)
    request = body("a")
    ledger = tmp_path / "ledger.jsonl"
    async with simulator(latency_s=latency_s, latency_sigma=0.0, ledger=ledger) as running:
        reader, writer = await connect(running)
        writer.write(
            f"POST {CHAT} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(request)}\r\n\r\n".encode() + request
        )
        stats = running.provider.stats
        await until(lambda: stats.calls == 1)
    assert (await reader.read())[:13] == (b"HTTP/1.1 200 " if answered else b"")
    ((end_call, *arguments),) = [what[1:] for what in timers if what[0] == latency_s]
    if not answered:
        end_call(*arguments)  # its time comes, and the ledger is closed
    assert (stats.answered, stats.billed, stats.in_flight) == (answered, answered, 1 - answered)
    assert len(ledger.read_bytes().splitlines()) == answered
    writer.close()


async def connect(running: Simulator) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    port = int(running.base_url.split(":")[2].split("/")[0])
    return await asyncio.open_connection("127.0.0.1", port)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(LONGEST_S):
        while not condition():
            await asyncio.sleep(0.001)


@pytest.mark.parametrize("host", ["evil.test", "evil.test:80", ""])
async def test_a_page_that_calls_itself_something_else_gets_nothing(simulator: Start, body: Body, host: str) -> None:
    """A browser on this machine sends what any page asks it to send, to whatever the page's name resolves to."""
    request = body("a")
    async with simulator() as running:
        reader, writer = await connect(running)
        head = f"POST {CHAT} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {len(request)}\r\n\r\n"
        writer.write(head.encode() + request)
        assert (await reader.read()).startswith(b"HTTP/1.1 421 ")
        writer.close()
        assert running.provider.stats.calls == 0


async def test_on_other_addresses_everybody_is_served(ask: Ask) -> None:
    async with serve(Settings(), host="0.0.0.0") as running:
        reader, writer = await connect(running)
        writer.write(b"GET /health HTTP/1.1\r\nhost: anybody.test\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
        writer.close()


async def test_a_port_in_use_is_a_usage_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(UsageError, match=r"can't listen on .* port"):
            async with serve(Settings(), port=taken.getsockname()[1]):
                pass


def test_the_clock_is_the_epochs_and_never_goes_back() -> None:
    clock = epoch_clock()
    times = [clock() for _ in range(100)]
    assert times == sorted(times)
    assert times[0] > 1_700_000_000


FOREGROUND = """
import sys
from pathlib import Path
from asyncsynth.servers.simulator import Settings, run_simulator
settings = Settings(latency_s=0.0, fault_shares={"reset_after": 1.0}, faults_per_body=1)
run_simulator(settings, "127.0.0.1", 0, lambda url: print(url, flush=True), Path(sys.argv[1]))
"""


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
async def test_foreground_serves_until_a_signal_and_ends_cleanly(
    stop: signal.Signals, ask: Ask, body: Body, tmp_path: Path
) -> None:
    """In a process of its own, with uvloop where it is installed."""
    command = [sys.executable, "-c", FOREGROUND, str(tmp_path / "ledger.jsonl")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # noqa: ASYNC220 - one short-lived child
        assert process.stdout is not None
        assert process.stderr is not None
        base_url = process.stdout.readline().strip()
        endings = [(await ask(base_url, CHAT, body("a"))).ending for _ in range(2)]
        process.send_signal(stop)
        assert process.wait(LONGEST_S) == 0
        assert process.stderr.read() == ""
    assert endings == ["reset", "whole"]
    assert len((tmp_path / "ledger.jsonl").read_bytes().splitlines()) == 2
