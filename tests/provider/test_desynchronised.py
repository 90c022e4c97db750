"""Promise 13: an answer belongs to its request, whatever a server sends, at any concurrency."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import partial
from pathlib import Path

import pytest

from asyncsynth.provider import endpoint as endpoint_module
from asyncsynth.provider.access import Access
from asyncsynth.provider.endpoint import HttpEndpoint
from asyncsynth.provider.transport.contract import Transport
from asyncsynth.provider.transport.pool import Pool
from asyncsynth.provider.transport.session import Session
from asyncsynth.provider.wires import wire_of
from asyncsynth.values import Answer, Fault
from tests.provider.certificate import server_context, trusting_context
from tests.provider.desynchronised import HARMLESS, OVER_TLS, STALL_S, WAYS, Way, desynchronised, echo
from tests.provider.scripted import request

SAMPLES = {1: 40, 8: 120, 64: 256}
TRIES = 40
NOT_IN_TIME = ("read_timeout", "unreachable")
LARGE = " and so on" * 100_000  # more than a server's socket takes without being read

Loops = Callable[[], asyncio.AbstractEventLoop]


class Tally:
    """What became of the calls of one run."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.reasons: list[str] = []

    def wrong(self) -> list[str]:
        return [prompt for prompt, text in self.answers.items() if text != echo(prompt)]


async def make(endpoint: HttpEndpoint, prompts: list[str], concurrency: int, tally: Tally, stall_s: float) -> None:
    """Ask for each prompt until there is an answer.

    What was not in time is asked for again while no other such call is under way: else a machine on which so many take
    longer than a call may would never get through.
    """
    waiting, one_at_a_time = iter(prompts), asyncio.Semaphore()

    async def work() -> None:
        for prompt in waiting:
            tried: AbstractAsyncContextManager[None] = nullcontext()
            for _ in range(TRIES):
                async with tried:
                    outcome = (await endpoint.send(request(prompt, key=prompt[:60]))).outcome
                if isinstance(outcome, Answer):
                    tally.answers[prompt] = outcome.text
                    time.sleep(stall_s)  # noqa: ASYNC251 - the event loop is to read nothing meanwhile
                    break
                assert isinstance(outcome, Fault)
                tally.reasons.append(outcome.reason)
                tried = one_at_a_time if outcome.reason in NOT_IN_TIME else nullcontext()

    await asyncio.gather(*(work() for _ in range(concurrency)))


def hammered(
    way: Way,
    concurrency: int,
    *,
    loops: Loops = asyncio.new_event_loop,
    tls: Path | None = None,
    transport: Callable[..., Transport] = Pool,
    every: int = 4,
) -> Tally:
    """All prompts asked of a server that loses step in this way."""
    tally = Tally()
    count = 2 * concurrency + 12 if way.large_requests else SAMPLES[concurrency]
    prompts = [f"{number:06d} a prompt{LARGE if way.large_requests else ''}" for number in range(count)]
    with desynchronised(way, every, server_context(tls) if tls else None) as server:

        async def run() -> None:
            async with HttpEndpoint(
                f"{'https' if tls else 'http'}://127.0.0.1:{server.port}/v1",
                wire_of("chat", "m", {}),
                access=Access(),
                timeout_s=max(way.timeout_s, concurrency / 32),  # many share what the machine has
                open_transport=partial(transport, ssl_context=trusting_context() if tls else None),
            ) as endpoint:
                await make(endpoint, prompts, concurrency, tally, STALL_S if way.client_stalls else 0)

        with asyncio.Runner(loop_factory=loops) as runner:
            runner.run(run())
    assert server.wrongs, "the server never lost step"
    assert tally.wrong() == []
    assert len(tally.answers) == len(prompts)
    return tally


@pytest.fixture(autouse=True)
def _connections_are_used_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a server could lose step only once a minute."""
    monkeypatch.setattr(endpoint_module, "WARY_S", 0.0)


UNREACHABLE = {"unreachable"}  # where the machine is busy: no byte was sent, so no step was lost
# A request may reach the server just before it ends the connection: nobody can tell whether it was read.
MAY_BE_LISTED = {"farewell": {"gateway_timeout"}, "end without a word": {"disconnected"}}


def check(way: str, tally: Tally) -> None:
    assert way not in HARMLESS or set(tally.reasons) - UNREACHABLE <= MAY_BE_LISTED.get(way, set())


@pytest.mark.parametrize("way", WAYS)
def test_no_answer_is_another_requests(way: str) -> None:
    check(way, hammered(WAYS[way], 8))


@pytest.mark.slow
@pytest.mark.parametrize("concurrency", [1, 64])
@pytest.mark.parametrize("way", WAYS)
def test_no_answer_is_another_requests_alone_and_among_many(way: str, concurrency: int) -> None:
    check(way, hammered(WAYS[way], concurrency))


@pytest.mark.slow
@pytest.mark.parametrize("concurrency", [1, 8, 64])
@pytest.mark.parametrize("way", WAYS)
def test_no_answer_is_another_requests_on_uvloop(way: str, concurrency: int) -> None:
    uvloop = pytest.importorskip("uvloop", exc_type=ImportError)
    check(way, hammered(WAYS[way], concurrency, loops=uvloop.new_event_loop, every=1))


@pytest.mark.parametrize("way", OVER_TLS)
def test_no_answer_is_another_requests_over_tls(way: str, tmp_path: Path) -> None:
    check(way, hammered(WAYS[way], 8, tls=tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("concurrency", [1, 64])
@pytest.mark.parametrize("way", OVER_TLS)
def test_no_answer_is_another_requests_over_tls_on_uvloop(way: str, concurrency: int, tmp_path: Path) -> None:
    uvloop = pytest.importorskip("uvloop", exc_type=ImportError)
    check(way, hammered(WAYS[way], concurrency, loops=uvloop.new_event_loop, tls=tmp_path))


# All that can go wrong on a connection's first reply, and on aiohttp's transport each is the first.
BY_AIOHTTP = [name for name, way in WAYS.items() if not way.needs and not way.client_stalls]
WORST_BY_AIOHTTP = (
    "stranger's reply first",
    "stranger's reply in chunks first",
    "stranger's reply before the body",
    "unasked 100",
    "length too short",
    "error and the answer",
    "another protocol",
)


@pytest.mark.parametrize("way", WORST_BY_AIOHTTP)
def test_no_answer_is_another_requests_by_aiohttp(way: str) -> None:
    hammered(WAYS[way], 8, transport=Session)


@pytest.mark.slow
@pytest.mark.parametrize("concurrency", [1, 64])
@pytest.mark.parametrize("way", BY_AIOHTTP)
def test_no_answer_is_another_requests_by_aiohttp_on_uvloop(way: str, concurrency: int) -> None:
    uvloop = pytest.importorskip("uvloop", exc_type=ImportError)
    check(way, hammered(WAYS[way], concurrency, loops=uvloop.new_event_loop, transport=Session))
