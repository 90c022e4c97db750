"""The search for the fewest calls that do, without noise: each server tells its throughput exactly."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from asyncsynth.pace.auto.knee import KneeSearch
from asyncsynth.pace.auto.measure import Measure

Server = Callable[[int], Measure]


def with_places(capacity: float) -> Server:
    """A call takes a second, the others queue."""
    return lambda calls: Measure(calls, max(calls / capacity, 1.0), 100)


def batching(calls: int) -> Measure:
    """llama.cpp with 8 slots on two cores: each call slows the others down, and 8 still bring 11% more than 4."""
    served = min(calls, 8)
    return Measure(calls, (0.75 + 0.725 * served) * calls / served, 100)


def found(server: Server, full: int) -> tuple[float, int]:
    """The knee, and how many tries it took."""
    search = KneeSearch(server(full), server(full))
    tries = 0
    while (fewer := search.next(0.5)) is not None:
        search.add(server(fewer))
        tries += 1
    return search.knee, tries


@pytest.mark.parametrize("capacity", [1, 2, 3, 4, 6, 11, 45, 100, 256])
@pytest.mark.parametrize("times", [1, 1.25, 2, 4])
def test_the_knee_of_a_server_with_places_is_their_number(capacity: int, times: float) -> None:
    knee, tries = found(with_places(capacity), round(times * capacity))
    assert knee == pytest.approx(capacity, rel=0.06)
    assert tries <= 5


@pytest.mark.parametrize("full", [8, 10, 12, 16, 32])
def test_the_knee_of_a_server_that_batches_keeps_nearly_all_of_its_throughput(full: int) -> None:
    knee, _ = found(batching, full)
    assert batching(round(1.25 * knee)).throughput >= 0.95 * batching(full).throughput
    assert knee <= 8


def test_what_is_known_to_be_too_few_needs_no_try() -> None:
    server = with_places(16)
    assert KneeSearch(server(32), server(16), few=server(8)).next(0.5) is None


def test_what_turns_out_to_do_was_not_too_few() -> None:
    server = with_places(4)
    assert KneeSearch(server(32), server(16), few=server(8)).few is None
