#!/usr/bin/env python3
"""Makes the output directory of a run that has made the first COUNT samples of a config, without the run.

Usage: made_store.py CONFIG DIRECTORY COUNT
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from asyncsynth.app.load import load_config, recipe_of
from asyncsynth.engine.inventory import take_inventory
from asyncsynth.engine.refresh import refresh
from asyncsynth.engine.rows import row_of
from asyncsynth.recipe.recipe import Recipe
from asyncsynth.store.answers import stored
from asyncsynth.store.commit import Batch, Committer
from asyncsynth.store.groups import GROUP
from asyncsynth.store.rendered import answer_lines
from asyncsynth.store.store import open_store
from asyncsynth.values import Answer, Answered, Call, Sample, Usage

TEXT = "A quiet town finds a light that never goes out and must decide who may keep it. " * 8
ANSWER = Answer(TEXT, "stop", Usage(57, 160), "bench", b"")
COST, RESERVE = 104_550_000, 130_000_000  # picodollars
GROUPS_A_SYNC = 256
BEGUN, PER_S = 1_700_000_000.0, 1000  # seconds since the epoch; records a second


def main(config: str, directory: str, count: str) -> None:
    recipe = recipe_of(load_config(Path(config)))
    with open_store(Path(directory), now=time.time) as store:
        refresh(recipe, store, take_inventory(recipe, store, None))  # so that the views are those of this recipe
        store.begin_run(recipe=recipe.fingerprint, order=recipe.order, facts=recipe.facts())
        samples = islice(recipe.samples(), int(count))
        for number in range(-(-int(count) // GROUP)):
            group = list(islice(samples, GROUP))
            add_group(store.committer, recipe, store.run, group, BEGUN + number * GROUP / PER_S)
            end_group(store.committer, sync=number % GROUPS_A_SYNC == 0)
        store.note_ended(recipe.order, int(count))
        store.end_run("interrupted")


def add_group(committer: Committer, recipe: Recipe, run: int, samples: Sequence[Sample], at: float) -> None:
    """What a run writes of one group: its calls, then its answers and their records."""
    begun = Batch()
    begun.calls += [Call(sample.key, 0, 1, at, 300, RESERVE) for sample in samples]
    committer.write(begun)
    batch = Batch()
    for sample in samples:
        row = row_of(recipe, sample, TEXT)
        line, answer, facts = stored(Answered(recipe.request(sample), ANSWER, COST, 1, 0.5, at, (row,)), run)
        batch.answers.append(line)
        batch.facts.append(facts)
        batch.views.append(answer_lines(answer, (row,)))
    committer.write(batch)


def end_group(committer: Committer, *, sync: bool) -> None:
    """What a run notes of a group; the disk is waited for now and then only."""
    committer.begin_sync()
    if sync:
        committer.sync()
    committer.end_sync()


main(*sys.argv[1:])
