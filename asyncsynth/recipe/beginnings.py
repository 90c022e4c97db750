"""What requests begin with that others begin with as well, which services keep in a cache and charge less for.

It is measured on the first samples: two of them are rendered with the same values on some axes and others on the rest,
and what both have at their beginning is what is shared. The system text comes before all that is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from math import prod
from statistics import median_low
from typing import Protocol

from msgspec import Struct

from asyncsynth.errors import UsageError
from asyncsynth.recipe.rendering import UUID_NAME
from asyncsynth.recipe.space import Space
from asyncsynth.recipe.templates import Asked
from asyncsynth.values import Value

LOOKED_AT = 8  # pairs of samples
_UUIDS = ("0c8e4a52-0000-5000-8000-000000000000", "f3f1b5a8-ffff-5fff-bfff-ffffffffffff")  # of two samples
_SAME = ("", "")

Values = Mapping[str, Value]


class Asks(Protocol):
    def asked(self, combination: Values, uuid: str) -> Asked: ...


class Beginning(Struct, frozen=True):
    """What all samples share that have the same values on these axes; `axes` are their numbers in the space.

    There are `groups` of such samples. `shared` bytes at the beginning are the same in each, of which `system` are a
    whole system text.
    """

    axes: tuple[int, ...]
    names: tuple[str, ...]
    groups: int
    shared: int
    system: int


def shared_beginning(space: Space, names: Iterable[str], asks: Asks, *, with_uuid: bool) -> Beginning:
    """The beginning by which the most is shared in all, as far as the order of names in the templates allows it.

    `with_uuid`: as requests are sent; else as they would be if their UUIDs stood at the end.
    """
    looked_at = [combination for combination, _ in islice(space.walk(), LOOKED_AT + 1)]
    pairs = list(zip(looked_at, [*looked_at[1:], looked_at[0]], strict=True))
    levels = [
        _measured(space, axes, pairs, asks, _UUIDS if with_uuid else _SAME)
        for axes in _levels(space, names, with_uuid=with_uuid)
    ]
    return max(levels, key=lambda level: (space.total - level.groups) * level.shared)


def _levels(space: Space, names: Iterable[str], *, with_uuid: bool) -> Iterator[tuple[int, ...]]:
    """The axes that a beginning depends on, one more each time, up to what is drawn for each sample."""
    of_name = dict(zip(space.names, (axis for axis, _ in space.columns), strict=True))
    axes: tuple[int, ...] = ()
    yield axes
    for name in names:
        if name == UUID_NAME:
            if with_uuid:
                return
        elif name not in of_name:  # it is drawn
            return
        elif of_name[name] not in axes:
            axes = (*axes, of_name[name])
            yield axes


def _measured(
    space: Space, axes: tuple[int, ...], pairs: Sequence[tuple[Values, Values]], asks: Asks, uuids: tuple[str, str]
) -> Beginning:
    names = tuple(name for axis in axes for name in space.axes[axis].names)
    shared, system = list[int](), list[int]()
    for one, other in pairs:
        try:
            first = asks.asked(one, uuids[0])
            second = asks.asked({**other, **{name: one[name] for name in names}}, uuids[1])
        except UsageError:  # the plan tells of it elsewhere
            continue
        begun = _common(first.system or "", second.system or "")
        whole = first.system is None or first.system == second.system
        system.append(begun if whole else 0)
        shared.append(begun + (_common(first.text, second.text) if whole else 0))
    groups = prod(space.axes[axis].size for axis in axes)
    return Beginning(axes, names, groups, median_low(shared or [0]), median_low(system or [0]))


def _common(one: str, other: str) -> int:
    """Bytes at the beginning that are the same in both."""
    length = min(len(one), len(other))
    if one[:length] != other[:length]:
        length = next(at for at, (left, right) in enumerate(zip(one, other, strict=False)) if left != right)
    return len(one[:length].encode("utf-8", "surrogatepass"))
