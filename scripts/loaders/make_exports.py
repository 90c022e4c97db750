#!/usr/bin/env python3
"""Makes runs of each kind of training example with the simulated provider, and every export of them.

Usage: make_exports.py FOLDER
Leaves FOLDER/KIND (the runs) and FOLDER/exports/KIND-FORMAT.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import asyncsynth as syn
from asyncsynth.outputs.examples import Kind
from asyncsynth.outputs.formats import FORMATS

SPLIT = {"train": 0.8, "validation": 0.2}
PROMPT = "Genre: {{ genre }}\nNumber: {{ number }}\n\nPlot outline: "
RECORDS: dict[Kind, dict[str, Any]] = {
    Kind.PAIR: {"prompt": PROMPT},
    Kind.DIALOGUE: {
        "messages": [
            {"role": "system", "content": "You write plots."},
            {"role": "user", "content": PROMPT},
            {"role": "assistant", "content": "{{ completion }}"},
        ]
    },
    Kind.PREFERENCE: {"prompt": PROMPT, "chosen": "{{ completion }}", "rejected": "{{ completion | upper }}"},
}


def main(folder: Path) -> None:
    for kind, record in RECORDS.items():
        name = kind.name.lower()
        recipe = syn.Recipe(
            axes={"genre": ["science fiction", "romance & comedy", "42"], "number": list(range(100))},
            prompt={"request": "{{ uuid }} A {{ genre }} plot, number {{ number }}."},
            record=record,
            endpoint={"provider": "simulator", "simulator": {"latency_s": 0.0}, "parameters": {"max_tokens": 60}},
            limits={"concurrency": 32},
        )
        made = syn.run(recipe, output=folder / name)
        for form in [form for form, known in FORMATS.items() if kind in known.rows]:
            split = {**SPLIT} if form != "folders" else None
            syn.open(folder / name).export(folder / "exports" / f"{name}-{form}", format=form, split=split)
        print(f"made: {made.made} examples that have {kind}")


main(Path(sys.argv[1]))
