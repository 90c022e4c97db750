"""Which steps wait in one queue, and how many workers it has."""

from __future__ import annotations

from typing import Any, cast

from asyncsynth.engine.collaborators import Supplier
from asyncsynth.engine.lanes import lanes_of


def supplier(name: str, *steps: str) -> Supplier:
    nothing = cast("Any", None)
    return Supplier(name, nothing, dict.fromkeys(steps, nothing), nothing)


def test_steps_of_the_same_endpoints_share_a_lane_with_a_worker_for_each_call() -> None:
    lanes = lanes_of([supplier("a", "outline", "title"), supplier("b", "outline", "title")], [8, 3])
    assert lanes.of_step == {"outline": 0, "title": 0}
    assert lanes.workers == [11]


def test_a_step_with_an_endpoint_of_its_own_has_a_lane_of_its_own() -> None:
    lanes = lanes_of([supplier("small", "outline"), supplier("large", "story", "outline")], [8, 3])
    assert lanes.places == [(0, 1), (1,)]
    assert lanes.of_step == {"outline": 0, "story": 1}
    assert lanes.workers == [11, 3]
