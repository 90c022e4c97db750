"""The core on a clock of the test's own: no socket, no event loop."""

from __future__ import annotations

import heapq
import json
import random
import statistics
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from asyncsynth.costs import Price
from asyncsynth.servers.simulator import Outcome, Plan, Provider, Settings, Spell
from asyncsynth.servers.simulator.faults import DEFAULT_MIXTURE, FAULTS, Effect, FaultKind

Body = Callable[..., bytes]


def text_of(plan: Plan) -> str:
    content = json.loads(plan.body)["choices"][0]["message"]["content"]
    assert isinstance(content, str)
    return content


def done(provider: Provider, body: bytes, now: float = 0.0) -> Plan:
    plan = provider.decide(now, "chat", body)
    provider.finish(plan, now + plan.latency_s)
    return plan


def test_draws_do_not_depend_on_the_order_of_arrival(body: Body) -> None:
    settings = Settings(latency_s=1.0, faults=0.5)
    bodies = [body(f"prompt {number % 40}") for number in range(80)]
    shuffled = random.Random(1).sample(bodies, len(bodies))

    def drawn(order: list[bytes]) -> Counter[tuple[bytes, float, FaultKind | None]]:
        provider = Provider(settings)
        return Counter((one.body, one.latency_s, one.fault) for one in (done(provider, body) for body in order))

    assert drawn(bodies) == drawn(shuffled)
    assert drawn(bodies) != drawn([body(f"other {number}") for number in range(80)])


def test_text_is_the_same_for_the_same_prompt_and_differs_by_seed(body: Body) -> None:
    provider = Provider(Settings())
    first, again = done(provider, body("a")), done(Provider(Settings()), body("a", max_tokens=51))
    assert text_of(again).startswith(text_of(first))
    assert text_of(done(provider, body("b"))) != text_of(first)
    assert text_of(done(Provider(Settings(seed=1)), body("a"))) != text_of(first)
    assert text_of(first).startswith("[simulated] ")


def test_asked_again_for_what_it_has_answered_it_says_something_else(body: Body) -> None:
    provider = Provider(Settings())
    assert len({text_of(done(provider, body("a"))) for _ in range(5)}) == 5


@pytest.mark.parametrize(
    ("shape", "median"), [(None, 90), ({"type": "object", "properties": {"reason": {"type": "string"}}}, 79)]
)
def test_where_it_fills_what_max_tokens_allows_texts_are_about_that_long_and_whole(
    body: Body, shape: dict[str, Any] | None, median: int
) -> None:
    given = (
        {}
        if shape is None
        else {"response_format": {"type": "json_schema", "json_schema": {"name": "told", "schema": shape}}}
    )
    provider = Provider(Settings(fills=True))
    asked = [json.loads(body(f"{number}", max_tokens=120)) for number in range(300)]
    plans = [done(provider, json.dumps({**each, **given}).encode()) for each in asked]
    assert statistics.median(plan.completion_tokens for plan in plans) == pytest.approx(median, rel=0.1)
    assert {json.loads(plan.body)["choices"][0]["finish_reason"] for plan in plans} == {"stop"}
    assert shape is None or all("reason" in json.loads(text_of(plan)) for plan in plans)
    assert done(provider, body("0")).completion_tokens < 1000  # nothing bounds it: as long as texts are


def test_length_follows_the_median_and_max_tokens_cuts(body: Body) -> None:
    provider = Provider(Settings(completion_tokens=100))
    plans = [done(provider, body(f"{number}", max_tokens=1000)) for number in range(500)]
    assert statistics.median(plan.completion_tokens for plan in plans) == pytest.approx(100, rel=0.1)
    cut = done(provider, body("0", max_tokens=7))
    choice = json.loads(cut.body)["choices"][0]
    assert (choice["finish_reason"], cut.completion_tokens) == ("length", 7)
    assert len(choice["message"]["content"]) == 28


def test_a_retry_gets_another_draw(body: Body) -> None:
    provider = Provider(Settings(faults=0.5, latency_s=1.0))
    plans = [done(provider, body("a")) for _ in range(60)]
    assert len({plan.latency_s for plan in plans}) > 30
    assert 10 < sum(plan.fault is not None for plan in plans) < 50


def test_share_of_faults_is_spread_evenly_over_the_mixture(body: Body) -> None:
    provider = Provider(Settings(faults=0.2))
    counts = Counter(done(provider, body(f"{number}")).fault for number in range(9000))
    assert counts.pop(None) == pytest.approx(7200, rel=0.03)
    assert set(counts) == set(DEFAULT_MIXTURE)
    assert all(count == pytest.approx(200, rel=0.3) for count in counts.values())


@pytest.mark.parametrize("kind", FaultKind)
def test_each_kind_can_be_chosen_alone_and_is_billed_by_its_row(kind: FaultKind, body: Body) -> None:
    provider = Provider(Settings(fault_shares={kind: 1.0}, price=Price(3, 5), latency_s=2.0))
    plan = done(provider, body("a prompt of 5 tokens"))
    row = FAULTS[kind]
    assert (plan.fault, plan.status, plan.effect) == (kind, row.status, row.effect)
    assert (plan.latency_s > 0) == row.waits
    assert plan.outcome is (Outcome.ANSWERED if row.answered else Outcome.FAULT)
    expected = (5, plan.completion_tokens, 15 + 5 * plan.completion_tokens) if row.billed else (0, 0, 0)
    assert (plan.prompt_tokens, plan.completion_tokens, plan.cost) == expected
    assert (plan.prompt_tokens > 0) == plan.billed == row.billed
    totals = provider.stats.totals()
    assert totals["billed_usd"] == (expected[2] / 10**12 if row.billed else None)
    assert (totals["billed"], totals["answered"]) == (row.billed, row.answered)


def test_usage_that_is_sent_is_what_is_billed(body: Body) -> None:
    provider = Provider(Settings(fault_shares={"length": 0.3, "content_filter": 0.3}, latency_s=0.0))
    for number in range(50):
        plan = done(provider, body(f"{number}"))
        usage = json.loads(plan.body)["usage"]
        assert (usage["prompt_tokens"], usage["completion_tokens"]) == (plan.prompt_tokens, plan.completion_tokens)


def test_fault_length_ends_in_the_middle_of_the_text(body: Body) -> None:
    whole = done(Provider(Settings()), body("a", max_tokens=1000))
    half = done(Provider(Settings(fault_shares={"length": 1.0})), body("a", max_tokens=1000))
    assert json.loads(half.body)["choices"][0]["finish_reason"] == "length"
    assert half.completion_tokens == whole.completion_tokens // 2


def test_slow_takes_several_times_the_latency(body: Body) -> None:
    settings: dict[str, Any] = {"latency_s": 2.0, "latency_sigma": 0.0}
    assert done(Provider(Settings(**settings)), body("a")).latency_s == 2.0
    assert done(Provider(Settings(**settings, fault_shares={"slow": 1.0})), body("a")).latency_s == 10.0


def test_no_latency_answers_at_once(body: Body) -> None:
    assert done(Provider(Settings(latency_s=0.0)), body("a")).latency_s == 0.0


def test_faults_per_body_lets_the_next_try_pass(body: Body) -> None:
    provider = Provider(Settings(fault_shares={"bad_json": 1.0}, faults_per_body=2))
    assert [done(provider, body("a")).fault for _ in range(4)] == ["bad_json", "bad_json", None, None]
    assert done(provider, body("b")).fault == "bad_json"


def test_a_spell_stands_in_for_the_shares_while_it_lasts(body: Body) -> None:
    settings = Settings(fault_shares={"html": 1.0}, spells=(Spell(10, 20, "rate_limited_429"),))
    provider = Provider(settings, started_at=100.0)
    faults = [done(provider, body("a"), now).fault for now in (100, 109.9, 110, 119.9, 120)]
    assert faults == ["html", "html", "rate_limited_429", "rate_limited_429", "html"]


def test_over_a_limit_is_429_at_once_and_counts_again_after_60_seconds(body: Body) -> None:
    provider = Provider(Settings(requests_per_minute=2, latency_s=5.0))
    plans = [done(provider, body(f"{now}"), now) for now in (0.0, 10.0, 20.0, 59.0, 60.0, 61.0)]
    assert [plan.status for plan in plans] == [200, 200, 429, 429, 200, 429]
    refused = plans[2]
    assert (refused.outcome, refused.latency_s, refused.billed) == (Outcome.REFUSED, 0.0, False)
    headers = dict(refused.headers)
    assert (headers["retry-after"], headers["retry-after-ms"]) == ("40", "40000")
    assert headers["x-ratelimit-remaining-requests"] == "0"
    assert json.loads(refused.body)["error"]["code"] == "rate_limit_exceeded"


def test_tokens_are_counted_at_arrival_as_prompt_and_max_tokens(body: Body) -> None:
    provider = Provider(Settings(tokens_per_minute=110))
    prompt = "x" * 20  # 5 tokens
    assert done(provider, body(prompt, max_tokens=50)).status == 200
    assert done(provider, body(prompt, max_tokens=51)).status == 429
    assert done(provider, body(prompt, max_tokens=50)).status == 200


def test_refused_calls_use_up_no_draw(body: Body) -> None:
    free, limited = Provider(Settings(latency_s=1.0)), Provider(Settings(latency_s=1.0, requests_per_minute=1))
    expected = [done(free, body("a"), 0.0).latency_s for _ in range(2)]
    plans = [done(limited, body("a"), now) for now in (0.0, 1.0, 2.0, 60.0)]
    assert [plan.latency_s for plan in plans if plan.status == 200] == expected


@pytest.mark.parametrize("kind", [None, *(kind for kind in FaultKind if FAULTS[kind].status)])
def test_every_answer_carries_the_limits(kind: FaultKind | None, body: Body) -> None:
    settings = Settings(requests_per_minute=5, tokens_per_minute=500, fault_shares={kind: 1.0} if kind else {})
    headers = dict(done(Provider(settings), body("a")).headers)
    assert headers["x-ratelimit-remaining-requests"] == "4"
    assert headers["x-ratelimit-remaining-tokens"] == "449"


def test_unreadable_requests_are_neither_counted_nor_billed() -> None:
    provider = Provider(Settings(requests_per_minute=1))
    plan = done(provider, b"{}")
    assert (plan.status, plan.outcome, plan.prompt_id) == (400, Outcome.INVALID, None)
    assert dict(plan.headers)["x-ratelimit-remaining-requests"] == "1"
    assert provider.stats.totals()["invalid"] == 1


@pytest.mark.parametrize("load", [8, 16, 64])
def test_beyond_the_capacity_throughput_is_flat_and_latency_grows(load: int, body: Body) -> None:
    """Closed loop on a virtual clock: 8 calls in flight are the knee of 8 calls a second."""
    provider = Provider(Settings(latency_s=1.0, latency_sigma=0.0, capacity=8))
    under_way: list[tuple[float, int, Plan]] = []
    number, now, finished = 0, 0.0, 0
    while now < 400:
        while len(under_way) < load:
            plan = provider.decide(now, "chat", body(f"{number}"))
            heapq.heappush(under_way, (now + plan.latency_s, number, plan))
            number += 1
        now, _, plan = heapq.heappop(under_way)
        provider.finish(plan, now)
        finished += now > 100
    assert finished / 300 == pytest.approx(8, rel=0.05)
    assert provider.decide(now, "chat", body("last")).latency_s == pytest.approx(load / 8, rel=0.05)


def test_capacity_can_change_in_the_middle(body: Body) -> None:
    settings = Settings(latency_s=1.0, latency_sigma=0.0, capacity=4, capacity_changes=((50.0, 1),))
    provider = Provider(settings, started_at=0.0)
    latencies = [provider.decide(now, "chat", body("a")).latency_s for now in (0, 1, 2, 3, 4, 50)]
    assert latencies == [1.0, 1.0, 1.0, 1.0, 1.25, 6.0]


def test_a_client_that_is_gone_is_billed_all_the_same(body: Body) -> None:
    provider = Provider(Settings(price=Price(1, 1)))
    plan = provider.decide(0.0, "chat", body("a"))
    line = provider.finish(plan, 1.0, delivered=False)
    totals = provider.stats.totals()
    assert (totals["answered"], totals["undelivered"], totals["billed"]) == (0, 1, 1)
    assert (line["delivered"], line["billed"]) == (False, True)


def test_every_call_is_counted_once(body: Body) -> None:
    provider = Provider(Settings(faults=0.4, requests_per_minute=300, fault_shares={"refusal": 0.1}))
    plans = [provider.decide(0.0, "chat", body(f"{number % 100}")) for number in range(400)]
    plans.append(provider.decide(0.0, "chat", b"?"))
    assert provider.stats.totals()["in_flight"] == provider.stats.totals()["peak_in_flight"] == 401
    lines = [provider.finish(plan, 1.0) for plan in plans]
    totals = provider.stats.totals()
    outcomes = Counter(line["outcome"] for line in lines)
    assert totals["calls"] == 401
    assert (totals["answered"], totals["refused"], totals["invalid"]) == (outcomes["answered"], 100, 1)
    assert outcomes["answered"] + outcomes["fault"] == 300
    assert totals["faults"] == Counter(line["fault"] for line in lines if line["fault"])
    assert totals["prompt_tokens"] == sum(line["prompt_tokens"] for line in lines)
    assert totals["completion_tokens"] == sum(line["completion_tokens"] for line in lines)
    assert totals["in_flight"] == 0


def test_connection_faults_have_no_status(body: Body) -> None:
    for kind, effect in (("reset_before", Effect.RESET), ("reset_after", Effect.RESET), ("hang", Effect.HANG)):
        plan = done(Provider(Settings(fault_shares={kind: 1.0})), body("a"))
        assert (plan.status, plan.effect, plan.body) == (None, effect, b"")
