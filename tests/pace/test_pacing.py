"""The limits per minute against providers that count arrivals (promise 7): never exceeded, and nearly all used."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from asyncsynth.pace.concurrency import FixedConcurrency
from asyncsynth.pace.estimate import TokenEstimate
from asyncsynth.pace.gate import Gate
from asyncsynth.pace.requests import RequestLimit
from asyncsynth.pace.tokens import TokenLimit
from asyncsynth.servers.simulator.windows import Bucket, FixedWindow, SlidingWindow, Window
from asyncsynth.values import Need, Permit, Usage
from tests.cells import cells
from tests.pace.permits import admitted, gate_of
from tests.virtual_clock import run

SPREAD_S = 0.4  # one way to the provider takes up to this much longer than another
MAX_TOKENS = 200


def ways_to_count(limit: int) -> dict[str, Window]:
    return {
        "sliding 60 s": SlidingWindow(limit),
        "fixed minute": FixedWindow(limit),
        "token bucket 60 s": Bucket(limit, 60.0),
        "token bucket 10 s": Bucket(limit, 10.0),
    }


@dataclass
class Provider:
    """Counts every arrival in all the ways at once; `rejections` names the way that would have refused."""

    requests: dict[str, Window]
    tokens: dict[str, Window]
    arrivals: list[tuple[float, int]] = field(default_factory=list)
    rejections: list[str] = field(default_factory=list)

    def arrive(self, now: float, tokens: int) -> None:
        self.arrivals.append((now, tokens))
        for name, window, amount in [
            *((f"requests, {name}", window, 1) for name, window in self.requests.items()),
            *((f"tokens, {name}", window, tokens) for name, window in self.tokens.items()),
        ]:
            if window.wait(now, amount) > 0:
                self.rejections.append(f"{name} at {now:.3f}")
            window.take(now, amount)

    def used(self, start: float, end: float) -> tuple[int, int]:
        """Requests and tokens that arrived from start to end."""
        tokens = [tokens for at, tokens in self.arrivals if start <= at < end]
        return len(tokens), sum(tokens)


@dataclass
class Client:
    """Sends as fast as its gate lets it; `sent` is what a manifest and the records would tell."""

    provider: Provider
    sizes: Callable[[random.Random], int]  # prompt tokens of the next sample
    rng: random.Random
    spread: float = 0.0  # how much the bytes of a token vary from prompt to prompt
    estimate: TokenEstimate = field(default_factory=TokenEstimate)
    sent: list[tuple[float, int]] = field(default_factory=list)

    def gate(self, requests: int | None, tokens: int | None) -> Gate:
        now = asyncio.get_running_loop().time()
        return gate_of(
            FixedConcurrency(10_000),
            requests=None if requests is None else RequestLimit(requests, now, [at for at, _ in self.sent]),
            tokens=None if tokens is None else TokenLimit(tokens, now, self.sent),
        )

    async def send_for(self, seconds: float, gate: Gate, workers: int) -> None:
        """Send for so long, then die as from kill -9: what is in flight arrives, nothing is settled any more."""
        tasks = [asyncio.create_task(self._work(gate)) for _ in range(workers)]
        await asyncio.sleep(seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self, gate: Gate) -> None:
        loop = asyncio.get_running_loop()
        while True:
            prompt = self.sizes(self.rng)
            size = round(4 * prompt * (1 + self.rng.uniform(-1, 1) * self.spread))
            tokens = self.estimate.expected(size, MAX_TOKENS) if self.spread else prompt + MAX_TOKENS
            permit = await admitted(gate, Need(tokens, None, MAX_TOKENS))
            place = len(self.sent)
            self.sent.append((loop.time(), tokens))
            arrives = loop.time() + self.rng.uniform(0.05, 0.05 + SPREAD_S)
            loop.call_at(arrives, self.provider.arrive, arrives, prompt + MAX_TOKENS)
            answered = arrives + self.rng.uniform(0.2, 1.0)
            loop.call_at(answered, self._settle, gate, permit, Usage(prompt, 50), size, place)

    def _settle(self, gate: Gate, permit: Permit, usage: Usage, size: int, place: int) -> None:
        self.sent[place] = (permit.sent_at, usage.prompt_tokens + MAX_TOKENS)
        gate.settle(permit, usage, None, latency_s=1.0)
        self.estimate.observe(size, usage)


def short_and_long(rng: random.Random) -> int:
    return rng.choice([30, 40, 60, 100, 2_000])


def of_any_size(most: int) -> Callable[[random.Random], int]:
    return lambda rng: round(most * rng.random() ** 3)


@pytest.mark.parametrize(("per_minute", "restart_after_s"), cells([60, 600, 6_000], [None, 0.0, 7.0], one_in=3))
def test_requests_per_minute_are_never_exceeded_and_99_percent_are_used(
    per_minute: int, restart_after_s: float | None
) -> None:
    rng = random.Random(per_minute)
    tokens = 2_500 * per_minute
    provider = Provider(ways_to_count(per_minute), ways_to_count(tokens))
    client = Client(provider, short_and_long, rng)
    minutes = 5 if per_minute < 6_000 else 3
    down_s = restart_after_s or 0.0

    async def main() -> None:
        if restart_after_s is None:
            await client.send_for(60.0 * minutes, client.gate(per_minute, tokens), workers=40)
        else:
            await client.send_for(30.0 * minutes, client.gate(per_minute, tokens), workers=40)
            await asyncio.sleep(restart_after_s)
            await client.send_for(30.0 * minutes, client.gate(per_minute, tokens), workers=40)

    run(main, start=1_000.0)
    assert provider.rejections == []
    used, _ = provider.used(1_000.0, 1_001.0 + 60.0 * minutes + down_s)
    assert used >= 0.99 * per_minute * minutes


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("spread", [0.0, 0.1])
@pytest.mark.parametrize("per_minute", [20_000, 200_000, 2_000_000])
def test_tokens_per_minute_are_never_exceeded_and_98_percent_are_used(
    per_minute: int, spread: float, restart: bool
) -> None:
    """Where no prompt is over 4% of the limit; prompts of all sizes up to that, known exactly or estimated."""
    rng = random.Random(per_minute)
    provider = Provider({}, ways_to_count(per_minute))
    client = Client(provider, of_any_size(per_minute // 25 - MAX_TOKENS), rng, spread)

    async def main() -> None:
        for seconds in (300.0, 300.0) if restart else (600.0,):
            await client.send_for(seconds, client.gate(None, per_minute), workers=40)

    run(main, start=1_000.0)
    assert provider.rejections == []
    _, used = provider.used(1_000.0, 1_601.0)
    assert used >= 0.98 * per_minute * 10
