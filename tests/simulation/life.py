"""A seed from its first process to the end of its work: crashes, restarts, and the promises after each."""

from __future__ import annotations

from collections.abc import Callable
from unittest import mock

from asyncsynth.store import views
from tests.simulation.edits import edit
from tests.simulation.mishaps import NOTHING
from tests.simulation.process import Process
from tests.simulation.promises import check_end, check_note, check_process
from tests.simulation.scenario import Scenario, draw
from tests.simulation.world import Report, World, promise

MOST_PROCESSES = 80
PAUSES_S = (0.01, 1.0, 30.0, 100.0)  # between two processes: less and more than the window of a limit
WRITEBACK_S = 30.0  # after which the kernel has written everything by itself
LONG_PAUSE_S = 250.0  # after the endpoint stopped a run: somebody pays the bill
STOPS_RUNNING = 3  # without an answer: what the endpoint refuses is left to the recipe's owner


def live(seed: int, on_report: Callable[[Report], None] | None = None, draw: Callable[[int], Scenario] = draw) -> World:
    """Live through a seed; raises BrokenPromise, Deadlock or Hang. Returns the world as it is at the end.

    `on_report` hears of each process.
    """
    world = World.of(draw(seed))
    with mock.patch.object(views, "FIRST_LOOK", world.scenario.first_look):
        _live(world, on_report)
    return world


def _live(world: World, on_report: Callable[[Report], None] | None) -> None:
    mishaps, changes = list(world.scenario.mishaps), list(world.scenario.changes)
    while True:
        mishap = mishaps.pop(0) if mishaps else NOTHING
        edited = mishap.edit is not None and edit(world.disk, mishap.edit, world.rng)
        report = Process(world, mishap).run()
        if on_report is not None:
            on_report(report)
        check_process(world, report)
        check_note(world, report, edited=edited)
        promise(len(world.reports) < MOST_PROCESSES, "9: the work comes to an end", report)
        if not mishaps and not changes and report.how == "complete":
            break
        if not mishaps and _stopped_again_and_again(world):
            break
        if not mishaps and report.how == "spend_cap":
            if world.rng.random() < 0.5:
                break
            world.limits = world.limits.model_copy(update={"max_cost_usd": None})  # somebody has more money
        if changes:
            world.wish = world.wish.changed(changes.pop(0), world.rng)
        if mishap.power_after and report.how != "power_cut":
            report.power_failed_after = True
            world.disk.cut_power(world.rng)
        if not (mishap.stays_full and mishaps):
            world.disk.capacity = None
        _wait(world, LONG_PAUSE_S if report.how == "stopped" else world.rng.choice(PAUSES_S))
    world.service.advance(world.now + 10 * 3600.0)
    check_end(world)


def _stopped_again_and_again(world: World) -> bool:
    last = world.reports[-STOPS_RUNNING:]
    return len(last) == STOPS_RUNNING and all(report.how == "stopped" and not report.made_at for report in last)


def _wait(world: World, seconds: float) -> None:
    world.service.advance(world.now + seconds)
    if seconds >= WRITEBACK_S:
        world.disk.write_back()
