"""The row for views that are rendered anew: it measures only what was seen to be rendered."""

from __future__ import annotations

import pytest
from benchmarks.bench import Bench
from benchmarks.children import ChildFailed
from benchmarks.views import view

from tests.scripts.benchmarks.conftest import CheckoutFactory

RENDERS = """
import json, sys
from pathlib import Path
given = dict(zip(sys.argv, sys.argv[1:]))
prompt = json.loads(next(word for word in sys.argv if word.startswith("record.prompt=")).partition("=")[2])
path = Path(given["--output"]) / "records.jsonl"
lines = path.read_text().splitlines()
if json.loads(lines[0])["prompt"] != prompt:
    ballast = b"x" * 1_000 * len(lines)
    path.write_text(f"{json.dumps({'prompt': prompt})}\\n" * len(lines))
    print(f"{len(lines):,} training prompts rendered anew from the answers that are there")
"""
ONLY_SAYS_SO = "print('5,000 training prompts rendered anew from the answers that are there')"


def bench(checkout: CheckoutFactory, program: str) -> Bench:
    side = checkout(program)
    return Bench(side, side.scratch, quick=True, rounds=1)


def test_memory_that_grows_with_the_records_is_seen(checkout: CheckoutFactory) -> None:
    """The program takes 1,000 bytes a record where it renders."""
    figures = {figure.what: figure for figure in view(bench(checkout, RENDERS))}
    beyond = figures["memory beyond the key sets, 20,000 records less 5,000"]
    assert 10 < beyond.measured < 20
    assert beyond.verdict == "MISSED"
    assert len(figures["view of 20,000 records rendered anew: the whole run"].samples) == 1


@pytest.mark.parametrize("program", ["", ONLY_SAYS_SO])
def test_a_view_that_stayed_as_it_was_is_no_measurement(checkout: CheckoutFactory, program: str) -> None:
    with pytest.raises(ChildFailed, match="5000 records were to be rendered anew; 5000 are there"):
        list(view(bench(checkout, program)))
