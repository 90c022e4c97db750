"""Permits are given in order, only when everything fits, and nobody waits for ever."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from asyncsynth.config import Limits
from asyncsynth.pace.concurrency import FixedConcurrency
from asyncsynth.pace.gate import Gate
from asyncsynth.pace.requests import RequestLimit
from asyncsynth.pace.spend import SpendCap
from asyncsynth.pace.tokens import TokenLimit
from asyncsynth.values import Action, Billing, Fault, Need, Permit, RateHints, Usage
from tests.pace.permits import admitted, gate_by, gate_of
from tests.virtual_clock import Deadlock, run

NEED = Need(10, 5, 4)
ANSWER = Usage(6, 4)
LIMITED = Fault("rate_limited", Action.PAUSE, Billing.NO, "429", status=429, counts=False)
OVERLOADED = Fault("overloaded", Action.RETRY, Billing.NO, "503", status=503, overload=True)
SERVER_ERROR = Fault("server_error", Action.RETRY, Billing.MAYBE, "500", status=500)


def now() -> float:
    return asyncio.get_running_loop().time()


async def start(gate: Gate, need: Need = NEED) -> asyncio.Task[Permit | None]:
    task = asyncio.create_task(gate.admit(need))
    await asyncio.sleep(0)
    return task


def test_nothing_in_the_way_nothing_suspends() -> None:
    async def main() -> None:
        gate = gate_of(FixedConcurrency(1), requests=RequestLimit(60, now()), tokens=TokenLimit(1_000, now()))
        admitting = gate.admit(NEED)
        with pytest.raises(StopIteration):
            admitting.send(None)

    run(main)


def test_no_more_than_concurrency_are_in_flight_and_the_next_gets_a_freed_slot() -> None:
    async def main() -> None:
        gate = gate_of(FixedConcurrency(2))
        first, _ = await admitted(gate, NEED), await admitted(gate, NEED)
        third, fourth = await start(gate), await start(gate)
        gate.settle(first, ANSWER, 3, latency_s=1.0)
        await asyncio.sleep(0)
        assert (third.done(), fourth.done(), gate.in_flight, gate.waiting) == (True, False, 2, 1)
        gate.stop()
        await asyncio.gather(third, fourth, return_exceptions=True)

    run(main)


def test_money_tokens_and_slot_are_taken_together() -> None:
    """One who waits for a slot holds no tokens and no money."""

    async def main() -> None:
        gate = gate_of(FixedConcurrency(1), tokens=TokenLimit(1_000, now()), cap=SpendCap(100))
        await admitted(gate, NEED)
        waiting = await start(gate)
        assert gate.allowances[0].tokens is not None
        assert (gate.allowances[0].tokens.used(now()), gate.cap.set_aside) == (10, 5)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

    run(main)


def test_stop_releases_everybody_and_later_ones() -> None:
    async def main() -> None:
        gate = gate_of(FixedConcurrency(1))
        under_way = await admitted(gate, NEED)
        waiting = [await start(gate) for _ in range(3)]
        gate.stop()
        ends = await asyncio.gather(*waiting, return_exceptions=True)
        assert ends == [None] * 3
        assert await gate.admit(NEED) is None
        gate.settle(under_way, ANSWER, 5, latency_s=1.0)
        assert gate.in_flight == 0

    run(main)


def test_of_several_pauses_the_latest_end_wins() -> None:
    async def main() -> float:
        gate = gate_of(FixedConcurrency(8))
        later, sooner = await admitted(gate, NEED), await admitted(gate, NEED)
        gate.settle_fault(later, replace(LIMITED, retry_after_s=10.0, message="later"), 0)
        gate.settle_fault(sooner, replace(LIMITED, retry_after_s=4.0, message="sooner"), 0)
        assert gate.held_back_by == "later"
        await admitted(gate, NEED)
        return now()

    assert run(main) == pytest.approx(10.0, abs=0.01)


@pytest.mark.parametrize(("retry_after_s", "at"), [(7.0, 7.0), (None, 1.0), (0.0, 1.0)])
def test_a_429_pauses_everybody_for_as_long_as_the_provider_says(retry_after_s: float | None, at: float) -> None:
    async def main() -> float:
        gate = gate_of(FixedConcurrency(8))
        permit = await admitted(gate, NEED)
        fault = Fault("rate_limited", Action.PAUSE, Billing.NO, "429", retry_after_s=retry_after_s)
        gate.settle_fault(permit, fault, 0)
        await admitted(gate, NEED)
        return now()

    assert run(main) == pytest.approx(at, abs=0.01)


def test_promise_6_a_refused_sample_goes_first_so_that_nobody_takes_its_place_again_and_again() -> None:
    async def main() -> None:
        gate = gate_of(FixedConcurrency(1))
        permit = await admitted(gate, NEED)
        other = await start(gate)
        gate.settle_fault(permit, LIMITED, 0)
        again = await asyncio.wait_for(admitted(gate, NEED, first=True), 10.0)
        assert not other.done()
        gate.settle(again, ANSWER, 5, latency_s=0.1)
        await asyncio.wait_for(other, 10.0)

    run(main)


def test_a_call_is_alone_after_a_minute_of_nothing_but_refusals() -> None:
    async def main() -> list[bool]:
        gate, alone = gate_of(FixedConcurrency(8)), []
        in_flight = await admitted(gate, NEED)
        permit = await admitted(gate, NEED)
        while now() < 80.0:
            alone.append(permit.alone)
            gate.settle_fault(permit, replace(LIMITED, retry_after_s=20.0), 0)
            permit = await admitted(gate, NEED)
        assert permit.probe
        gate.settle(permit, ANSWER, 5, latency_s=0.1)
        gate.settle(in_flight, ANSWER, 5, latency_s=80.0)
        alone.append((await admitted(gate, NEED)).alone)
        return alone

    assert run(main) == [False, False, False, False, False]


def test_one_burst_of_429s_cuts_the_rate_once() -> None:
    async def main() -> float:
        gate = gate_of(FixedConcurrency(50), requests=RequestLimit(60_000, now()))
        for permit in [await admitted(gate, NEED) for _ in range(50)]:
            gate.settle_fault(permit, LIMITED, 0)
        assert gate.allowances[0].throttle.cuts == 1
        return gate.allowances[0].throttle.factor(now())

    assert run(main) == pytest.approx(0.8)


def test_without_a_rate_a_429_cuts_the_slots() -> None:
    async def main() -> None:
        gate = gate_of(FixedConcurrency(10))
        gate.settle_fault(await admitted(gate, NEED), LIMITED, 0)
        probe = await admitted(gate, NEED)
        gate.settle(probe, ANSWER, 5, latency_s=0.1)
        tasks = [await start(gate) for _ in range(10)]
        await asyncio.sleep(0.1)
        assert sum(task.done() for task in tasks) == 8
        await asyncio.sleep(10)
        assert sum(task.done() for task in tasks) == 10

    run(main)


def test_slots_that_were_cut_come_back_by_themselves() -> None:
    """Even where nothing is in flight any more whose answer could wake the line."""

    async def main() -> None:
        gate = gate_of(FixedConcurrency(4))
        gate.settle_fault(await admitted(gate, NEED), LIMITED, 0)
        await admitted(gate, NEED)
        await asyncio.gather(*(gate.admit(NEED) for _ in range(3)))

    run(main)


def test_who_doubts_gets_single_probes_until_the_doubt_is_over() -> None:
    async def main() -> list[float]:
        gate, sent = gate_of(FixedConcurrency(8)), []
        slow = await admitted(gate, NEED)
        gate.doubt(0, "nothing good came")
        assert gate.held_back_by == "nothing good came"
        for _ in range(4):
            permit = await admitted(gate, NEED)
            assert permit.probe
            sent.append(round(now(), 2))
            gate.settle_fault(permit, SERVER_ERROR, 0)
        waiting = [await start(gate) for _ in range(8)]
        gate.settle(slow, ANSWER, 5, latency_s=15.0)
        gate.trust(0)
        await asyncio.sleep(0)
        assert [task.done() for task in waiting] == [True] * 8
        assert gate.held_back_by == ""
        return sent

    assert run(main) == [1.0, 3.0, 7.0, 15.0]


def test_a_pause_is_no_clean_time() -> None:
    async def main() -> float:
        gate = gate_of(FixedConcurrency(10))
        gate.settle_fault(await admitted(gate, NEED), LIMITED, 0)
        gate.settle(await admitted(gate, NEED), ANSWER, 5, latency_s=0.1)
        gate.settle_fault(await admitted(gate, NEED), replace(OVERLOADED, retry_after_s=100.0), 0)
        await admitted(gate, NEED)
        return gate.allowances[0].throttle.factor(now())

    assert run(main) == pytest.approx(0.8)


def test_a_permit_that_was_never_used_gives_everything_back() -> None:
    async def main() -> None:
        gate = gate_of(FixedConcurrency(1), tokens=TokenLimit(1_000, now()), cap=SpendCap(100))
        gate.release(await admitted(gate, NEED))
        tokens, cap = gate.allowances[0].tokens, gate.cap
        assert tokens is not None
        assert (gate.in_flight, tokens.used(now()), cap.set_aside, cap.spent) == (0, 0, 0, 0)

    run(main)


def test_a_permit_that_comes_in_the_moment_of_a_cancellation_goes_back() -> None:
    async def main() -> None:
        gate = gate_of(FixedConcurrency(1), cap=SpendCap(100))
        first = await admitted(gate, NEED)
        waiting = await start(gate)
        gate.settle(first, ANSWER, 5, latency_s=1.0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert (gate.in_flight, gate.cap.set_aside) == (0, 0)

    run(main)


def test_one_cancelled_in_line_is_passed_over() -> None:
    async def main() -> None:
        gate = gate_of(FixedConcurrency(1))
        first = await admitted(gate, NEED)
        cancelled, next_one = await start(gate), await start(gate)
        cancelled.cancel()
        gate.settle(first, ANSWER, 5, latency_s=1.0)
        assert isinstance(await next_one, Permit)
        assert gate.in_flight == 1

    run(main)


def test_tokens_become_what_the_provider_counted() -> None:
    """The true prompt, and max_tokens whatever the answer's length: it was counted at arrival."""

    async def main() -> None:
        gate = gate_of(FixedConcurrency(4), tokens=TokenLimit(10_000, now()))
        assert gate.allowances[0].tokens is not None
        gate.settle(await admitted(gate, Need(150, None, 100)), Usage(70, 20), None, latency_s=1.0)
        assert gate.allowances[0].tokens.used(now()) == 170
        gate.settle(await admitted(gate, Need(150, None)), Usage(70, 20), None, latency_s=1.0)
        assert gate.allowances[0].tokens.used(now()) == 170 + 90

    run(main)


def test_a_call_that_was_perhaps_billed_keeps_its_worst_case() -> None:
    async def main() -> None:
        gate = gate_of(FixedConcurrency(1), cap=SpendCap(100))
        gate.settle_fault(await admitted(gate, NEED), SERVER_ERROR, None)
        assert (gate.cap.spent, gate.cap.set_aside, gate.in_flight) == (5, 0, 0)

    run(main)


def test_a_permit_is_settled_once() -> None:
    async def main() -> None:
        gate = gate_of(FixedConcurrency(1))
        permit = await admitted(gate, NEED)
        gate.release(permit)
        with pytest.raises(AssertionError, match="once"):
            gate.release(permit)

    run(main)


def test_headers_lower_the_limits_and_never_raise_them() -> None:
    async def main() -> None:
        gate = gate_of(FixedConcurrency(1), requests=RequestLimit(600, now()), tokens=TokenLimit(10_000, now()))
        assert gate.allowances[0].requests is not None
        assert gate.allowances[0].tokens is not None
        permit = await admitted(gate, NEED)
        gate.observe(permit, RateHints(limit_requests=9_999, limit_tokens=99_999))
        assert (gate.allowances[0].requests.per_minute, gate.allowances[0].tokens.per_minute) == (600, 10_000)
        gate.observe(permit, RateHints(limit_requests=60, limit_tokens=1_000))
        assert (gate.allowances[0].requests.per_minute, gate.allowances[0].tokens.per_minute) == (60, 1_000)

    run(main)


def test_a_long_prompt_beside_short_ones_is_served() -> None:
    """40% of the limit in one prompt, and always short ones that would fit before it."""

    async def main() -> float:
        gate = gate_of(FixedConcurrency(1_000), tokens=TokenLimit(10_000, now()))

        async def short() -> None:
            while True:
                await admitted(gate, Need(100, None))

        tasks = [asyncio.create_task(short()) for _ in range(30)]
        await asyncio.sleep(30)
        await admitted(gate, Need(4_000, None))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return now()

    assert run(main) < 30 + 120


def test_an_amount_above_the_whole_limit_goes_alone() -> None:
    async def main() -> list[float]:
        gate = gate_of(FixedConcurrency(10), tokens=TokenLimit(1_000, now()))
        times = []
        for tokens in (10, 5_000, 10):
            await admitted(gate, Need(tokens, None))
            times.append(now())
        return times

    first, huge, after = run(main)
    assert huge - first == pytest.approx(60.5, abs=0.01)
    assert after - huge >= 60.5


def test_a_slot_that_never_comes_back_is_seen_as_a_deadlock() -> None:
    """What this file relies on: the virtual clock tells when something would hang."""

    async def main() -> None:
        gate = gate_of(FixedConcurrency(1))
        await admitted(gate, NEED)
        await admitted(gate, NEED)

    with pytest.raises(Deadlock):
        run(main)


def test_limits_of_the_config_become_a_gate() -> None:
    async def main() -> None:
        limits = Limits(concurrency=3, requests_per_minute=60, tokens_per_minute=1_000, max_cost_usd=0.5)
        history = [(30.0, 400), (5.0, 300)]
        allowance = gate_by(limits, history=history).allowances[0]
        assert allowance.requests is not None
        assert allowance.tokens is not None
        assert (allowance.requests.used(now()), allowance.tokens.room(now())) == (2, 300)
        assert allowance.cap.limit == 500_000_000_000
        assert allowance.concurrency.limit == 3
        assert gate_by(Limits(concurrency="auto")).allowances[0].concurrency.adapts

    run(main)
