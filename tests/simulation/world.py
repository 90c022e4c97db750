"""What outlives a process: the disk, the provider, the clock, and what the processes left to be checked."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Literal

from asyncsynth.app.job import Job
from asyncsynth.config import Limits
from asyncsynth.engine.inventory import Inventory
from asyncsynth.servers.simulator.provider import Provider
from asyncsynth.values import Call
from tests.simulation.disk import Disk
from tests.simulation.mishaps import NOTHING, Mishap
from tests.simulation.scenario import Scenario
from tests.simulation.service import Service
from tests.simulation.wish import Wanted, job_for

EPOCH = 1_795_000_000.0  # of the world's clock, in seconds since 1970

How = Literal["complete", "interrupted", "spend_cap", "stopped", "store_failed", "killed", "power_cut"]


class BrokenPromise(AssertionError):
    """A promise of CONTRIBUTING.md did not hold."""


def promise(holds: bool, which: str, what: object = "") -> None:
    """BrokenPromise unless it holds; `which` is the promise's number in CONTRIBUTING.md and its words."""
    if not holds:
        raise BrokenPromise(f"promise {which}: {what}")


@dataclass(slots=True)
class Report:
    """One process; times on the world's clock, None: it did not happen."""

    wish: Wanted
    limits: Limits
    began: float
    how: How = "killed"
    run: int | None = None  # None: it did not get as far as a run line
    ended: float = 0.0
    inventory: Inventory | None = None  # None: the directory was not opened
    had_end: frozenset[str] = frozenset()  # keys that had an answer or a dead letter when the directory was opened
    newly_lost: tuple[Call, ...] = ()
    notes: tuple[str, ...] = ()
    note: str = ""  # of the views
    made_at: dict[str, float] = field(default_factory=dict)  # key -> when its answer was written
    ends: int = 0  # answers and dead letters
    ended_samples: int = 0
    most_in_flight: dict[int, int] = field(default_factory=dict)  # by the places of the endpoints
    cap_spent: int = 0  # picodollars, as the gate counted at its end
    cap_set_aside: int = 0
    drained_at: float | None = None
    cancelled_at: float | None = None
    failed_at: float | None = None  # the first failure of the disk that it was told of
    stopped_at: float | None = None  # the first reply that says to stop
    complaints: list[str] = field(default_factory=list)  # of the event loop: exceptions that nobody took
    mishap: Mishap = NOTHING
    power_failed_after: bool = False  # before anybody else came, and before the kernel wrote back

    def line(self) -> str:
        """For people who replay a seed."""
        found = self.inventory
        there, to_make = (found.there, found.to_make) if found is not None else ("?", "?")
        return (
            f"run {self.run}: {self.how}, {self.began:.3f} to {self.ended:.3f} s; there {there}, to make {to_make}, "
            f"answers {len(self.made_at)}, ended {self.ended_samples}, lost before {len(self.newly_lost)}, "
            f"notes {[*self.notes, self.note]}; {self.wish}; {self.mishap}"
        )


@dataclass
class World:
    """`wish` and `limits` are what somebody wants now.

    `slack_s` is how long before a power cut something may have been written and be gone.
    """

    scenario: Scenario
    wish: Wanted
    limits: Limits
    disk: Disk
    service: Service
    rng: random.Random
    reports: list[Report] = field(default_factory=list)

    @classmethod
    def of(cls, scenario: Scenario) -> World:
        service = Service(
            [Provider(settings, started_at=0.0) for settings in scenario.services],
            scenario.setting.api,
            random.Random(scenario.seed + 1),
            scenario.all_outages,
        )
        rng = random.Random(scenario.seed + 2)
        return cls(scenario, scenario.wish, scenario.limits, Disk(), service, rng)

    def job(self) -> Job:
        """What `run` would be given now."""
        return job_for(self.wish, self.scenario.setting, self.limits)

    def job_of_wish(self, wish: Wanted) -> Job:
        """What a process was given that wanted this, but for the limits."""
        return job_for(wish, self.scenario.setting, self.limits)

    def job_of(self, report: Report) -> Job:
        """What this process was given."""
        return job_for(report.wish, self.scenario.setting, report.limits)

    def slots_of(self, report: Report) -> int | None:
        """Calls that this process may have had under way at once; None: it found their number itself."""
        each = [target.limits.concurrency for target in self.job_of(report).targets]
        return None if "auto" in each else sum(slots for slots in each if slots != "auto")

    @property
    def now(self) -> float:
        return self.service.now

    @property
    def slack_s(self) -> float:
        """A group waits 200 ms, perhaps for the sync of the one before; a sync takes at most 2 x sync_s."""
        return 0.2 + 2 * 2 * self.scenario.sync_s + 0.01

    @property
    def power_cuts(self) -> list[float]:
        return [report.ended for report in self.reports if report.how == "power_cut" or report.power_failed_after]
