"""The tables, as markdown: each cell, and each place of the UUID beside none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from uuid_experiment.answers import WORDS
from uuid_experiment.cells import MAX_TOKENS, PLACES, TEMPERATURES, Cell
from uuid_experiment.measures import FIGURES, LEVEL, Interval, Measured, differences, interval

_SHOWN = {"none": "no UUID", "top": "on top", "end": "at the end"}


def report(cells: Mapping[Cell, Measured], *, requests: int, repeats: int) -> str:
    """Both tables, and how to read them."""
    about = (
        f"{requests} requests, each asked {repeats} times in each row; answers of {MAX_TOKENS} tokens at most, of "
        f"which the first {WORDS} words count, without UUIDs. Means over the requests of what the answers to one "
        f"request have in common, with intervals of {LEVEL:.0%} by bootstrap over the requests."
    )
    changes = (
        "What the UUID changes, request by request. In brackets the interval, then the smallest difference that would "
        "have been seen in four of five tries. Shares and distinct-2 in points."
    )
    first = _rows(("temperature", "UUID", "answers", "words", *FIGURES, "repeat a UUID"), _cells(cells))
    second = _rows(("temperature", "UUID", *FIGURES), _changes(cells))
    return "\n".join((about, "", *first, "", changes, "", *second))


def _cells(cells: Mapping[Cell, Measured]) -> Iterator[list[str]]:
    for cell, found in cells.items():
        figures = [_bounded(interval(values)) for values in found.by_figure.values()]
        start = [f"{cell.temperature:.1f}", _SHOWN[cell.uuid], f"{found.answers}", f"{found.words:.0f}"]
        yield [*start, *figures, f"{found.repeating_uuid:.0%}"]


def _changes(cells: Mapping[Cell, Measured]) -> Iterator[list[str]]:
    for temperature in TEMPERATURES:
        without = cells[Cell("none", temperature)].by_figure
        for uuid in PLACES[1:]:
            those = cells[Cell(uuid, temperature)].by_figure
            changes = [interval(differences(those[name], without[name])) for name in FIGURES]
            yield [
                f"{temperature:.1f}",
                _SHOWN[uuid],
                *(f"{_bounded(change, signed=True)}; {change.visible:.2g}" for change in changes),
            ]


def _bounded(found: Interval, *, signed: bool = False) -> str:
    sign = "+" if signed else ""
    mean, low, high = (format(bound, f"{sign}.1f" if abs(found.high) >= 5 else f"{sign}.2f") for bound in found[:3])
    return f"{mean} ({low} to {high})"


def _rows(head: Sequence[str], rows: Iterator[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
