"""README on services: its table is the one in the code, and its examples are configs."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from asyncsynth.app.load import config_of
from asyncsynth.provider.services import SERVICES
from tests.docs.reading import Block, blocks, document
from tests.tree import ROOT

EXAMPLES = [block for block in blocks(document("README.md")) if block.section == "Your own service"]
REST = {
    "axes": {"genre": ["horror"]},
    "prompt": {"request": "{{ genre }}"},
    "record": {"prompt": "{{ genre }}"},
    "output": {"directory": "runs"},
}


def test_readme_has_every_service_as_the_code_has_it() -> None:
    made = subprocess.run([sys.executable, "scripts/services"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert f"\n{made.stdout}\n" in document("README.md"), "scripts/services --write brings README up to date"


def test_contributing_says_of_every_service_how_it_was_tried() -> None:
    section = document("CONTRIBUTING.md").partition("## How each service was tried")[2].partition("\n## ")[0]
    rows = [line.split(" | ") for line in section.splitlines() if line.startswith("| `")]
    named = [name.strip("`, ") for row in rows for name in row[0].strip("| ").split(", ")]
    assert sorted(named) == sorted(SERVICES)
    assert all(len(row) == 5 and all(cell.strip(" |") for cell in row) for row in rows)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda block: block.text.partition("\n")[2][:40])
def test_each_example_of_a_service_is_a_config(example: Block, tmp_path: Path) -> None:
    assert example.language == "toml"
    config = config_of({**REST, **tomllib.loads(example.text)}, "README.md", output=tmp_path)
    assert config.endpoint.model != "SmolLM2-135M-Instruct"
