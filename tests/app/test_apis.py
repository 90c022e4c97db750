"""Each API through a whole run, with faults of its own: every sample has its end, and the ledger is the bill."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from asyncsynth.app.outside import Outside
from asyncsynth.costs import Price
from asyncsynth.values import Api
from tests.app.jobs import Ears, job, run
from tests.conftest import SimulatorFactory
from tests.provider.scripted import CANARY

SAMPLES = 500
# What befalls every API, and what its own service is known for.
COMMON = (
    *("rate_limited_429", "server_error_500", "unavailable_503", "reset_before", "reset_after", "truncated"),
    *("bad_json", "html", "length", "usage_missing", "refusal", "content_filter", "lone_surrogate", "nothing_made"),
    *("reasoned_away", "null_content", "broken_off", "event_stream", "empty_choices", "error_in_200"),
)
OWN: dict[Api, tuple[str, ...]] = {
    "chat": (
        "error_in_choice",
        "credit_later_402",
        "no_capacity_429",
        "prompt_blocked",
        "comments_first",
        "reasoned_apart",
    ),
    "completions": ("done_after_json", "bad_request"),
    "responses": ("prompt_blocked", "reasoned_apart"),
    "anthropic": ("overloaded_529", "prompt_blocked", "conflict_409"),
    "gemini": ("prompt_blocked", "gateway_timeout_504"),
}
BOUND = {"responses": "max_output_tokens", "gemini": "maxOutputTokens"}
PRICE = {"input": 0.15, "output": 0.6, "cached_input": 0.075}


class AtOnce(random.Random):
    """No backoff: what is random is as small as it can be."""

    def random(self) -> float:
        return 0.0

    def uniform(self, a: float, b: float) -> float:
        return min(a, b)


def contents_of(directory: Path) -> list[bytes]:
    return [path.read_bytes() for path in directory.rglob("*") if path.is_file()]


@pytest.mark.slow  # by the pauses that are asked for
@pytest.mark.parametrize("api", OWN)
async def test_every_sample_has_its_end_and_the_ledger_is_the_bill(
    api: Api, simulator: SimulatorFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    shares: dict[str, Any] = {kind: 0.15 / len(COMMON) for kind in COMMON}
    shares |= {kind: 0.15 / len(OWN[api]) for kind in OWN[api]}
    ears = Ears()
    price = Price(150_000, 600_000, 75_000)
    settings: dict[str, Any] = {"fault_shares": shares, "price": price, "cached_share": 0.5, "retry_after_s": 0.01}
    async with simulator(latency_s=0.0, completion_tokens=20, **settings) as provider:
        base_url = provider.base_url + ("beta" if api == "gemini" else "")
        parameters = {BOUND.get(api, "max_tokens"): 100}
        work = job(
            tmp_path,
            base_url,
            axes={"genre": ["horror", "romance"]},
            prompt={"request": "{{ uuid }}\nA {{ genre }} plot.", "system": "Be brief."},
            record={"prompt": "{{ genre }}"},
            combinations={"repeats": SAMPLES // 2},
            endpoint__api=api,
            endpoint__parameters=parameters,
            endpoint__price=PRICE,
            limits={"concurrency": 16, "max_attempts": 30},
        )
        outcome = await run(work, ears, outside=Outside(rng=AtOnce()))
        stats = provider.provider.stats
    assert outcome.records + outcome.failures == SAMPLES
    assert outcome.records >= 0.8 * SAMPLES
    assert set(OWN[api]) <= set(stats.faults)
    paid, possible = outcome.totals.paid.picodollars, outcome.totals.uncertain.picodollars
    assert stats.picodollars is not None
    assert paid <= stats.picodollars <= paid + possible
    told = [fault.message for fault in ears.troubles] + ears.notes
    assert not any(CANARY in message for message in told)
    assert not any(CANARY.encode() in content for content in contents_of(tmp_path))
