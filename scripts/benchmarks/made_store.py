#!/usr/bin/env python3
"""Makes the output directory of a run that has made the first COUNT samples of a config, without the run.

Usage: made_store.py CONFIG DIRECTORY COUNT
"""

from __future__ import annotations

import sys
import time
from itertools import islice
from pathlib import Path

from asyncsynth.app.load import load_config, recipe_of
from asyncsynth.recipe.recipe import Recipe
from asyncsynth.store import manifest
from asyncsynth.store.encoding import encode
from asyncsynth.store.index import GROUP, Group
from asyncsynth.store.records import record_line
from asyncsynth.store.store import Store, open_store
from asyncsynth.values import Answer, Call, Made, Request, Sample, Usage

TEXT = "A quiet town finds a light that never goes out and must decide who may keep it. " * 8
GROUPS_A_SYNC = 256
BEGUN, PER_S = 1_700_000_000.0, 1000  # seconds since the epoch; records a second


def main(config: str, directory: str, count: str) -> None:
    recipe = recipe_of(load_config(Path(config)))
    with open_store(Path(directory), now=time.time) as store:
        store.begin_run({**recipe.facts(), "fingerprint": recipe.fingerprint})
        samples = islice(recipe.samples(), int(count))
        for number in range(-(-int(count) // GROUP)):
            add_group(store, recipe, list(islice(samples, GROUP)), BEGUN + number * GROUP / PER_S)
            if number % GROUPS_A_SYNC == 0:
                sync(store)
        sync(store)
        store.note_ended(recipe.order, int(count))
        store.end_run("interrupted")


def add_group(store: Store, recipe: Recipe, samples: list[Sample], at: float) -> None:
    """What a run leaves behind of one group: its records, its calls, its line in the index."""
    committer, group = store.committer, Group(store.run, store.committer.records.size)
    records, lines = [], []
    for sample in samples:
        made = made_of(recipe.request(sample), at)
        line, facts = record_line(made, store.run)
        group.add(line, facts)
        records.append(line)
        lines.append(encode(manifest.call(Call(sample.key, 0, 1, made.created_at, 300, 130_000_000))))
    committer.records.append(records)
    committer.manifest.append([*lines, encode(group.line())])


def made_of(request: Request, at: float) -> Made:
    answer = Answer(TEXT, "stop", Usage(57, 160), "bench", b"")
    return Made(request, answer, 104_550_000, 1, 0.5, at)


def sync(store: Store) -> None:
    store.committer.records.sync()
    store.committer.manifest.sync()


main(*sys.argv[1:])
