"""A side of a comparison: its own scripts, its own code, and a count of what it made."""

from __future__ import annotations

import pytest
from benchmarks.children import ChildFailed
from benchmarks.sides import lines_of

from tests.scripts.benchmarks.conftest import CheckoutFactory

MAKES_TWO = """
import sys
from pathlib import Path
output = Path(sys.argv[sys.argv.index("--output") + 1])
output.mkdir()
(output / "records.jsonl").write_text("{}\\n{}\\n")
"""


def test_a_config_has_the_format_of_its_own_checkout(checkout: CheckoutFactory) -> None:
    side = checkout("")
    assert side.config("small.toml", (3, 4), "http://host/v1").read_text() == "ours alone: [3, 4] http://host/v1"


def test_a_store_is_made_by_the_script_of_its_own_checkout(checkout: CheckoutFactory) -> None:
    side = checkout("")
    side.make_store(side.scratch / "any.toml", side.scratch / "store", 7)
    assert lines_of(side.scratch / "store" / "records.jsonl") == 7


def test_a_run_with_another_number_of_records_is_no_measurement(checkout: CheckoutFactory) -> None:
    side = checkout(MAKES_TWO)
    assert side.run(side.scratch / "any.toml", 2, 8).cpu_s > 0
    for wanted in (1, 3):
        with pytest.raises(ChildFailed, match=f"2 records instead of {wanted}"):
            side.run(side.scratch / "any.toml", wanted, 8)


def test_bytecode_is_kept_whatever_the_environment_says(
    checkout: CheckoutFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A checkout that was never compiled would start slowly each time."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    side = checkout("import asyncsynth.part")
    (side.root / "asyncsynth" / "part.py").write_text("")
    side.asyncsynth("run")
    assert list((side.root / "asyncsynth" / "__pycache__").glob("part.*.pyc"))


def test_variables_reach_what_is_run(checkout: CheckoutFactory) -> None:
    side = checkout("import os; print(os.environ['SSL_CERT_FILE'])")
    assert side.with_variables(SSL_CERT_FILE="here.pem").asyncsynth("run").output == "here.pem\n"
