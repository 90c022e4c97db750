"""One axis: its values in the seeded order that the walks through the space number them by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from math import gcd
from typing import Any, NamedTuple

from asyncsynth.recipe.canonical import canonical
from asyncsynth.values import Value

Label = str | tuple[str]


def label(value: Any) -> Label:
    """A hashable name of a value that tells True, 1, 1.0 and "1" apart; tables by canonical JSON.

    TypeError or ValueError for what no axis can hold and JSON can't write.
    """
    return value if type(value) is str else (canonical(value),)


class Axis(NamedTuple):
    """An axis of a space; `choices` and `period` are g_j and lcm(n_1 .. n_{j-1}) of recipe.space."""

    name: str
    values: tuple[Value, ...]
    numbers: Mapping[Label, int]  # value -> its number
    choices: int  # of the offset
    period: int  # of the axes before this one


def seeded_axis(index: int, name: str, values: Sequence[Value], seed: int, period: int) -> Axis:
    """The axis with its values in an order drawn from the seed, the axis's index and the values.

    Neither the axis's name nor the order in which the config lists the values is part of that order.
    ValueError for an axis that is empty or has a value twice.
    """
    if not values:
        raise ValueError(f"axis {name!r} has no value")

    def draw(value: Value) -> bytes:
        return sha256(f"{seed}/{index}/{canonical(value)}".encode("utf-8", "surrogatepass")).digest()

    # Sorting by hash: a shuffle that is the same for every Python version.
    ordered = tuple(sorted(values, key=draw))
    numbers = {label(value): number for number, value in enumerate(ordered)}
    if len(numbers) < len(ordered):
        raise ValueError(f"axis {name!r} has a value twice")
    return Axis(name, ordered, numbers, gcd(period, len(ordered)), period)
