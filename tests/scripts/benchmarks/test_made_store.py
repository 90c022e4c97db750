"""The store that is made without a run is what a run would have left."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.sides import Side

ROOT = Path(__file__).parents[3]
AXES = (5, 4, 5, 2)  # 200 combinations: three whole groups of answers and a part of one


def test_a_made_store_needs_nothing_and_its_views_are_up_to_date(tmp_path: Path) -> None:
    side = Side("ours", ROOT, sys.executable, tmp_path)
    config, output = side.config("small.toml", AXES, "http://127.0.0.1:1/v1"), tmp_path / "store"
    side.make_store(config, output, 200)
    before = (output / "records.jsonl").read_bytes()
    said = side.asyncsynth("run", "--config", config, "--output", output).output
    assert "200 are there, nothing to make; no call was sent" in said
    assert "anew" not in said
    assert (output / "records.jsonl").read_bytes() == before


def test_a_made_store_can_be_gone_on_with(tmp_path: Path) -> None:
    side = Side("ours", ROOT, sys.executable, tmp_path)
    config, output = side.config("small.toml", AXES, "http://127.0.0.1:1/v1"), tmp_path / "store"
    side.make_store(config, output, 130)
    said = side.asyncsynth("plan", "--config", config, "--output", output).output
    assert "reuse 130, make 70, 0 no longer in the recipe" in said
