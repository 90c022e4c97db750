"""What is asked: the same requests in every cell, which differ in where the UUID stands and in the temperature."""

from __future__ import annotations

from typing import Any, NamedTuple

import asyncsynth as syn

PLACES = ("none", "top", "end")  # of the UUID
TEMPERATURES = (0.7, 1.0)
AXES = {
    "genre": ["science fiction", "romance", "horror", "mystery", "western"],
    "place": ["India", "Brazil", "Norway", "Japan"],
}
REQUESTS = len(AXES["genre"]) * len(AXES["place"])
REQUEST = (
    "Imagine a complete and detailed plot outline for a {{ genre }} film set in {{ place }}. "
    "Write out the entire plot outline in great detail."
)
TEMPLATES = {"none": REQUEST, "top": "{{ uuid }}\n\n" + REQUEST, "end": REQUEST + "\n\n{{ uuid }}"}
MAX_TOKENS = 64  # nearly every answer is cut off here, so that all are about as long


class Cell(NamedTuple):
    """One way to ask."""

    uuid: str
    temperature: float

    @property
    def name(self) -> str:
        return f"{self.uuid}-{self.temperature:.1f}"


CELLS = tuple(Cell(uuid, temperature) for temperature in TEMPERATURES for uuid in PLACES)


def recipe_of(cell: Cell, repeats: int) -> Any:
    """A recipe of `repeats` answers to each request."""
    return syn.Recipe(
        axes=AXES,
        combinations={"repeats": repeats},
        prompt={"request": TEMPLATES[cell.uuid]},
        record={"prompt": "{{ genre }}, {{ place }}: "},
        endpoint={
            "provider": "local",
            "timeout_s": 900,
            "parameters": {"temperature": cell.temperature, "top_p": 0.95, "max_tokens": MAX_TOKENS},
        },
        limits={"concurrency": 8},
        output={"raw_log": False},
    )
