"""Gates of one endpoint, and permits for tests that don't stop their gate."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from asyncsynth.config import Limits
from asyncsynth.costs import PICODOLLARS_PER_USD
from asyncsynth.pace.allowance import Allowance
from asyncsynth.pace.concurrency import Concurrency
from asyncsynth.pace.gate import Gate
from asyncsynth.pace.requests import RequestLimit
from asyncsynth.pace.spend import SpendCap
from asyncsynth.pace.tokens import TokenLimit
from asyncsynth.values import Need, Permit


def gate_of(
    concurrency: Concurrency,
    *,
    requests: RequestLimit | None = None,
    tokens: TokenLimit | None = None,
    cap: SpendCap | None = None,
) -> Gate:
    """The gate before one endpoint."""
    now = asyncio.get_running_loop().time()
    return Gate([Allowance(concurrency, requests, tokens, cap or SpendCap(None), now)])


def gate_by(*limits: Limits, history: Iterable[tuple[float, int]] = ()) -> Gate:
    """The gate before endpoints with these limits; the cap is that of the first."""
    now, usd = asyncio.get_running_loop().time(), limits[0].max_cost_usd
    cap = SpendCap(None if usd is None else round(usd * PICODOLLARS_PER_USD))
    return Gate([Allowance.of(of_one, cap, now, history) for of_one in limits])


async def admitted(gate: Gate, *needs: Need, first: bool = False) -> Permit:
    permit = await gate.admit(*(needs or (Need(1, None),)), first=first)
    assert permit is not None
    return permit
