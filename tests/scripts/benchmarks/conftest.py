"""A checkout with a small program in the place of asyncsynth, to see what the bench does with what it is told."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from benchmarks.sides import Side

RECIPES = """
def write_config(path, sizes, base_url):
    path.write_text(f"ours alone: {sizes} {base_url}")
"""
MADE_STORE = """
import json, sys
from pathlib import Path
config, output, count = sys.argv[1:]
Path(output).mkdir()
with (Path(output) / "records.jsonl").open("w") as records:
    records.writelines('{"prompt": "as it was made"}\\n' for _ in range(int(count)))
"""

CheckoutFactory = Callable[[str], Side]


@pytest.fixture
def checkout(tmp_path: Path) -> CheckoutFactory:
    """What makes a checkout whose `python -m asyncsynth` is the program given."""

    def make(program: str) -> Side:
        root, scratch = tmp_path / "checkout", tmp_path / "scratch"
        files = {
            "asyncsynth/__main__.py": program,
            "scripts/benchmarks/__init__.py": "",
            "scripts/benchmarks/recipes.py": RECIPES,
            "scripts/benchmarks/made_store.py": MADE_STORE,
        }
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        scratch.mkdir()
        return Side("ours", root, sys.executable, scratch)

    return make
