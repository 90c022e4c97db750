"""Tests of many cases: the quick run has a share of them in which all that can differ does, --slow has them all."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest


def cells(*axes: Sequence[Any], one_in: int) -> list[Any]:
    """For parametrize: each combination of one value from each axis; all but one in so many of them are slow.

    Where no axis is shorter than `one_in`, any values of all axes but one are together in one that is quick.
    """
    numbered = product(*(list(enumerate(axis)) for axis in axes))
    return [
        pytest.param(*(value for _, value in cell), marks=() if _is_quick(cell, one_in) else pytest.mark.slow)
        for cell in numbered
    ]


def _is_quick(cell: tuple[tuple[int, Any], ...], one_in: int) -> bool:
    return sum(number for number, _ in cell) % one_in == 0
