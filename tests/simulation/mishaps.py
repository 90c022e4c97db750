"""What befalls a process: a signal, a kill, a power cut, an ill or a full disk; drawn, at a moment or a system call."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Literal

from tests.simulation.files import Trap, Trouble

Edit = Literal["line", "end", "file", "lines of others"]  # taken out of a view, or put to its end


@dataclass(frozen=True, slots=True)
class Mishap:
    """At most one of each; times in seconds after the process began. `power` makes a kill a power cut."""

    drain_at: float | None = None
    cancel_at: float | None = None  # the second signal
    kill_at: float | None = None
    power: bool = False
    trap: Trap | None = None
    stays_full: bool = False  # nobody makes room before the next run
    retries: bool = False  # somebody clears the dead letters before the next run
    drops: bool = False  # or takes some answers out
    edit: Edit | None = None  # or edits a view by hand
    power_after: bool = False  # the power fails after the process has ended


NOTHING = Mishap()
EDITS: tuple[Edit, ...] = ("line", "end", "file", "lines of others")


def draw_mishaps(rng: random.Random, busy_s: float, samples: int) -> tuple[Mishap, ...]:
    """Of 0 to 4 processes."""
    mishaps: list[Mishap] = []
    for _ in range(rng.choice([0, 1, 1, 2, 2, 4])):
        mishap = _mishap(rng, busy_s, samples)
        edit: Edit | None = rng.choice(EDITS) if rng.random() < 0.1 else None
        mishaps.append(replace(mishap, power_after=rng.random() < 0.1, edit=edit))
        if mishap.trap is not None and mishap.trap.trouble == "sync_eio":
            # What a failed fsync left is seen only when the power fails in the work that goes on behind it.
            mishaps.append(Mishap(kill_at=rng.uniform(0.3, 1.0) * busy_s, power=True))
    return tuple(mishaps)


def _mishap(rng: random.Random, busy_s: float, samples: int) -> Mishap:
    at = rng.uniform(0.0, 1.1 * busy_s)
    retries, drops = rng.random() < 0.15, rng.random() < 0.15
    match rng.choice(["kill", "kill", "power", "drain", "cancel", "trap", "trap", "trap"]):
        case "kill":
            return Mishap(kill_at=at, retries=retries, drops=drops)
        case "power":
            return Mishap(kill_at=at, power=True, retries=retries, drops=drops)
        case "drain":
            return Mishap(drain_at=at, retries=retries, drops=drops)
        case "cancel":
            return Mishap(drain_at=at, cancel_at=at + rng.choice([0.0, 0.01, 1.0]), retries=retries, drops=drops)
    trouble: Trouble = rng.choice(
        ["kill", "power", "power_in_sync", "write_eio", "disk_full", "sync_eio", "short_write"]
    )
    seldom = trouble in ("sync_eio", "power_in_sync")
    nth = rng.randint(1, 12 if seldom or rng.random() < 0.3 else 3 * samples)
    lasting = trouble in ("write_eio", "sync_eio", "short_write") and rng.random() < 0.5
    return Mishap(trap=Trap(trouble, nth, lasting=lasting), stays_full=rng.random() < 0.2, retries=retries, drops=drops)
