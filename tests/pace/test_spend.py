"""The spend cap as a reservation (promise 11)."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncsynth.errors import SpendCapReached
from asyncsynth.pace.concurrency import FixedConcurrency
from asyncsynth.pace.gate import Gate
from asyncsynth.pace.spend import SpendCap
from asyncsynth.values import Action, Billing, Fault, Need, Usage
from tests.pace.permits import admitted, gate_of
from tests.virtual_clock import run

CALLS = st.lists(
    st.tuples(
        st.integers(1, 50),  # reserve
        st.floats(0, 1),  # share of it that the call really costs
        st.floats(0, 5),  # latency
        st.sampled_from(["answered", "not billed", "perhaps billed", "never sent", "cancelled"]),
    ),
    max_size=40,
)
UNKNOWN = Fault("timeout", Action.RETRY, Billing.MAYBE, "no answer")


def test_settling_charges_the_true_cost_and_frees_the_rest() -> None:
    cap = SpendCap(100, billed=7, possible=3)
    cap.reserve(60)
    assert (cap.fits(30), cap.fits(31), cap.set_aside) == (True, False, 60)
    cap.settle(60, 25)
    assert (cap.fits(65), cap.fits(66), cap.set_aside, cap.billed) == (True, False, 0, 32)


def test_an_unknown_cost_stays_at_its_reserve_and_is_only_possible() -> None:
    cap = SpendCap(100)
    cap.reserve(60)
    cap.settle(60, None)
    assert (cap.billed, cap.possible, cap.set_aside) == (0, 60, 0)


def test_what_may_have_been_billed_counts_against_the_cap_and_is_not_called_billed() -> None:
    cap = SpendCap(100)
    cap.reserve(60)
    cap.settle(60, 50, certain=False)
    assert (cap.billed, cap.possible, cap.fits(50), cap.fits(51)) == (0, 50, True, False)


def test_no_limit_never_blocks_but_counts() -> None:
    cap = SpendCap(None)
    assert cap.fits(10**30)
    cap.reserve(7)
    cap.settle(7, 5)
    assert (cap.billed, cap.fits(10**30)) == (5, True)


def test_an_unknown_price_is_not_tracked() -> None:
    cap = SpendCap(None)
    cap.reserve(None)
    cap.settle(None, None)
    assert (cap.spent, cap.set_aside) == (0, 0)


@given(CALLS, st.integers(1, 200), st.integers(1, 8))
def test_the_cap_is_never_passed_under_any_interleaving(
    calls: list[tuple[int, float, float, str]], limit: int, slots: int
) -> None:
    """What could have been billed at any moment, answers under way at their worst, stays within the limit."""
    cap = SpendCap(limit)
    under_way: dict[int, int] = {}
    let_out: set[int] = set()
    billed = 0
    highest = 0

    async def call(gate: Gate, number: int, reserve: int, share: float, latency_s: float, end: str) -> None:
        nonlocal billed, highest
        permit = await admitted(gate, Need(1, reserve))
        let_out.add(number)
        under_way[number] = reserve
        highest = max(highest, billed + sum(under_way.values()))
        await asyncio.sleep(latency_s)
        del under_way[number]
        match end:
            case "answered":
                cost = int(reserve * share)
                billed += cost
                gate.settle(permit, Usage(1, 1), cost, latency_s=latency_s)
            case "not billed":
                gate.settle_fault(permit, UNKNOWN, 0)
            case "never sent":
                gate.release(permit)
            case _:
                billed += reserve
                gate.settle_fault(permit, UNKNOWN, None)

    def cancel_in_line(task: asyncio.Task[None], number: int) -> None:
        if number not in let_out:
            task.cancel()

    async def main() -> list[BaseException | None]:
        gate = gate_of(FixedConcurrency(slots), cap=cap)
        tasks = [asyncio.create_task(call(gate, number, *one)) for number, one in enumerate(calls)]
        for number, (_, _, latency_s, end) in enumerate(calls):
            if end == "cancelled":
                asyncio.get_running_loop().call_later(latency_s / 2, cancel_in_line, tasks[number], number)
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        assert gate.in_flight == 0
        assert gate.waiting == 0
        return ends

    ends = run(main)
    assert highest <= limit
    assert cap.spent == billed <= limit
    assert cap.set_aside == 0
    assert all(isinstance(end, SpendCapReached | asyncio.CancelledError | None) for end in ends)


def test_a_call_waits_while_calls_in_flight_may_leave_room() -> None:
    async def main() -> int:
        cap = SpendCap(100)
        gate = gate_of(FixedConcurrency(8), cap=cap)
        first = await admitted(gate, Need(1, 80))
        second = asyncio.create_task(gate.admit(Need(1, 50)))
        await asyncio.sleep(1)
        assert not second.done()
        gate.settle(first, Usage(1, 1), 10, latency_s=1.0)
        await second
        return cap.set_aside

    assert run(main) == 50


@pytest.mark.parametrize("in_flight", [False, True])
def test_the_run_stops_when_nothing_in_flight_can_make_room(in_flight: bool) -> None:
    async def main() -> None:
        gate = gate_of(FixedConcurrency(8), cap=SpendCap(100, billed=40, possible=20))
        if in_flight:
            await gate.admit(Need(1, 30))
        await gate.admit(Need(1, 41))

    with pytest.raises(SpendCapReached, match=r"are billed, and calls without a known end may have cost"):
        run(main)


def test_at_least_95_percent_of_the_cap_is_used_where_there_is_more_to_do() -> None:
    cap = SpendCap(10_000)

    async def worker(gate: Gate) -> None:
        while True:
            permit = await admitted(gate, Need(1, 100))
            await asyncio.sleep(1)
            gate.settle(permit, Usage(1, 1), 20, latency_s=1.0)

    async def main() -> None:
        gate = gate_of(FixedConcurrency(64), cap=cap)
        await asyncio.gather(*(worker(gate) for _ in range(64)), return_exceptions=True)

    run(main)
    assert 9_500 <= cap.spent <= 10_000
