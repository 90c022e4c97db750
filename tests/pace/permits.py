"""A permit for tests that don't stop their gate."""

from __future__ import annotations

from asyncsynth.pace.gate import Gate
from asyncsynth.values import Need, Permit


async def admitted(gate: Gate, need: Need | None = None, *, first: bool = False) -> Permit:
    permit = await gate.admit(need or Need(1, None), first=first)
    assert permit is not None
    return permit
