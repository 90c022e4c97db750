"""Lanes: the steps that the same endpoints serve wait in one queue, with workers for all calls that these can take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from asyncsynth.engine.collaborators import Supplier


class Lanes(Struct, frozen=True):
    """`of_step`: the number of each step's lane. `places`: of its suppliers. `workers`: how many it has."""

    of_step: Mapping[str, int]
    places: Sequence[tuple[int, ...]]
    workers: Sequence[int]


def lanes_of(suppliers: Sequence[Supplier], calls: Sequence[int]) -> Lanes:
    """The lanes of these suppliers, each of which takes so many calls at a time."""
    served: dict[str, list[int]] = {}
    for place, supplier in enumerate(suppliers):
        for step in supplier.meters:
            served.setdefault(step, []).append(place)
    lanes = list(dict.fromkeys(map(tuple, served.values())))
    return Lanes(
        {step: lanes.index(tuple(places)) for step, places in served.items()},
        lanes,
        [sum(calls[place] for place in places) for places in lanes],
    )
