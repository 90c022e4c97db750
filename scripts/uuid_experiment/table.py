"""The tables, as markdown: each cell, and each place of the UUID beside none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from uuid_experiment.cells import MAX_TOKENS, PLACES, TEMPERATURES, Cell
from uuid_experiment.measures import FIGURES, LEVEL, Interval, Measured, differences, interval

_SHOWN = {"none": "none", "top": "on top", "end": "at the end"}
_NEVER = 3  # what is never seen in n answers is in fewer than 3/n of all, with 95% certainty


def report(cells: Mapping[Cell, Measured], *, requests: int, repeats: int) -> str:
    """Both tables, and how to read them."""
    about = (
        f"{requests} requests, each asked {repeats} times in each row; answers are cut off at {MAX_TOKENS} tokens, so "
        "that all have the same budget. Means over the requests of what the answers to one request have in common, "
        f"with intervals of {LEVEL:.0%} by bootstrap over the requests. Shares and distinct-2 in percent."
    )
    changes = (
        "What the UUID changes, request by request, in points. In brackets the interval, then the smallest difference "
        "that would have been seen in four of five tries. One interval in twenty misses zero by chance."
    )
    first = _rows(("temperature", "UUID", "answers", "tokens", *FIGURES, "repeat a UUID"), _cells(cells))
    second = _rows(("temperature", "UUID", *FIGURES), _changes(cells))
    return "\n".join((about, "", *first, "", changes, "", *second))


def _cells(cells: Mapping[Cell, Measured]) -> Iterator[list[str]]:
    for cell, found in cells.items():
        figures = [_bounded(interval(values), found.answers) for values in found.by_figure.values()]
        start = [f"{cell.temperature:.1f}", _SHOWN[cell.uuid], f"{found.answers}", f"{found.tokens:.0f}"]
        yield [*start, *figures, f"{found.repeating_uuid:.0%}"]


def _changes(cells: Mapping[Cell, Measured]) -> Iterator[list[str]]:
    for temperature in TEMPERATURES:
        without = cells[Cell("none", temperature)].by_figure
        for uuid in PLACES[1:]:
            those = cells[Cell(uuid, temperature)].by_figure
            changes = [interval(differences(those[name], without[name])) for name in FIGURES]
            yield [f"{temperature:.1f}", _SHOWN[uuid], *map(_changed, changes)]


def _bounded(found: Interval, answers: int) -> str:
    if not found.mean and not found.visible:
        return f"0 (below {100 * _NEVER / answers:.1f})"
    return f"{found.mean:.3g} ({found.low:.3g} to {found.high:.3g})"


def _changed(found: Interval) -> str:
    if not found.mean and not found.visible:
        return "never seen"
    return f"{found.mean:+.2g} ({found.low:+.2g} to {found.high:+.2g}); {found.visible:.2g}"


def _rows(head: Sequence[str], rows: Iterator[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
