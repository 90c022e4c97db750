"""The table of what can be measured, and the measuring of the rows that were chosen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from benchmarks import against, exports, footprint, gates, judging, overhead, scale, steps, views, waiting, ways
from benchmarks.bench import Bench
from benchmarks.children import ChildFailed
from benchmarks.figures import Figure
from benchmarks.peers import peers
from benchmarks.sides import Side

Row = Callable[..., Iterator[Figure]]  # gets the Bench and, where two revisions are compared, their side


@dataclass(frozen=True, slots=True)
class Rows:
    """Those that are measured by default, and those only where they are asked for."""

    default: Mapping[str, Row]
    asked_for: Mapping[str, Row]

    @property
    def all(self) -> dict[str, Row]:
        return {**self.default, **self.asked_for}


ALONE = Rows(
    {
        "cpu": overhead.cpu,
        "tls": overhead.tls,
        "memory": overhead.memory,
        "startup": overhead.startup,
        "latency": waiting.latency,
        "resume": scale.resume,
        "view": views.view,
        "export": exports.export,
        "gates": gates.gates,
        "plan": scale.plan,
        "judging": judging.judging,
        "steps": steps.steps,
    },
    {
        "peers": peers,
        "resume-large": scale.resume_large,
        "install": footprint.install,
        "wires": ways.wires,
        "transport": ways.transport,
    },
)
AGAINST = Rows(
    {"cpu": against.cpu, "startup": against.startup, "latency": against.latency, "resume": against.resume},
    {"resume-large": against.resume_large},
)


def measure(rows: Mapping[str, Row], bench: Bench, *theirs: Side) -> tuple[list[Figure], list[str]]:
    """The figures of all rows, and the names of those that failed; the others are measured nevertheless."""
    figures: list[Figure] = []
    failed: list[str] = []
    for name, row in rows.items():
        begun = time.monotonic()
        print(f"{name}: {(row.__doc__ or '').strip()}", flush=True)
        try:
            for figure in row(bench, *theirs):
                figures.append(figure)
                print("  " + "  ".join(figure.cells()[1:]), flush=True)
        except ChildFailed as error:
            failed.append(name)
            print(f"  FAILED: {error}", flush=True)
        print(f"  ({time.monotonic() - begun:.0f} s)", flush=True)
    return figures, failed
