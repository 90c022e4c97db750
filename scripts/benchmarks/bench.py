"""What every row needs: our side, a scratch folder, how often to measure, and how measurements are compared."""

from __future__ import annotations

import resource
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from benchmarks.sides import Side

SCRIPTS = Path(__file__).resolve().parent
ROOT = SCRIPTS.parent.parent
FEW = 64  # samples of the run whose cost counts as that of starting and ending
OPEN_FILES = 8192  # for 2,000 calls at a time, at both ends

Measured = TypeVar("Measured")


@dataclass(frozen=True, slots=True)
class Bench:
    """`ours` is the checkout that this script stands in; `quick`: small counts, for a look.

    `rounds`: how often each side of a comparison is measured.
    """

    ours: Side
    scratch: Path
    quick: bool
    rounds: int

    def size(self, full: int, quick: int) -> int:
        return quick if self.quick else full


def in_turn(rounds: int, sides: Sequence[Callable[[], Measured]]) -> list[list[Measured]]:
    """Each side measured `rounds` times, A B A B ..., so that the drift of the machine meets all of them alike."""
    measured: list[list[Measured]] = [[] for _ in sides]
    for _ in range(rounds):
        for side, values in zip(sides, measured, strict=True):
            values.append(side())
    return measured


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Round by round, so that what slowed a round down cancels."""
    return [mine / other for mine, other in zip(ours, theirs, strict=True)]


median = statistics.median


def raise_open_files() -> None:
    """For this process and its children, as far as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
