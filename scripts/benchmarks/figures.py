"""One measured figure beside what it must be and what it should be, and the table of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """`must` and `goal` None: the figure is for information. `at_least`: larger is better."""

    row: str
    what: str
    measured: float
    unit: str = ""
    must: float | None = None
    goal: float | None = None
    at_least: bool = False
    samples: Sequence[float] = ()  # the single measurements that `measured` is the median of
    detail: str = ""  # shown behind what was measured
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        if self.must is None or self.goal is None:
            return "info"
        if self._reaches(self.goal):
            return "goal"
        return "must" if self._reaches(self.must) else "MISSED"

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "samples": list(self.samples), "verdict": self.verdict}

    def cells(self) -> tuple[str, ...]:
        sign = ">=" if self.at_least else "<="
        bounds = ("-" if bound is None else f"{sign} {_number(bound)}" for bound in (self.must, self.goal))
        measured = " ".join(filter(None, (_number(self.measured), self.unit, self.detail)))
        return self.row, self.what, measured, *bounds, self.verdict

    def _reaches(self, bound: float) -> bool:
        return self.measured >= bound if self.at_least else self.measured <= bound


def table(figures: Sequence[Figure]) -> str:
    """The figures in aligned columns."""
    lines = [("row", "what", "measured", "must", "goal", "reached"), *(figure.cells() for figure in figures)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.2f}" if value >= 10 else f"{value:.3f}".rstrip("0").rstrip(".")
