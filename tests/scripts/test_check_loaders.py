"""The exports are loaded by those who load them, and trained on."""

from __future__ import annotations

import subprocess

import pytest

from tests.tree import ROOT


@pytest.mark.slow
def test_every_export_is_loaded_by_its_trainers_and_the_loop_is_closed() -> None:
    """It makes an environment of 2 GB where there is none yet."""
    done = subprocess.run(["scripts/check-loaders"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout.splitlines()
    assert [line.split(": ")[1] for line in said if line.startswith("loaded: ")] == [
        "yaml", "openais_rules", "pandas", "datasets", "together", "mlx", "llama_factory", "trl",
    ]  # fmt: skip
    assert len([line for line in said if line.startswith("trained: ")]) == 2
