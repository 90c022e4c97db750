"""The table of options in README is the one that the sections of config.toml describe themselves."""

from __future__ import annotations

import subprocess
import sys

from tests.docs.reading import document
from tests.tree import ROOT


def test_readme_has_every_option_as_its_section_describes_it() -> None:
    made = subprocess.run([sys.executable, "scripts/options"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert f"\n{made.stdout}\n" in document("README.md"), "scripts/options --write brings README up to date"


def test_every_option_has_a_description() -> None:
    made = subprocess.run([sys.executable, "scripts/options"], cwd=ROOT, capture_output=True, text=True, check=True)
    rows = [line.strip("| ").split(" | ") for line in made.stdout.splitlines()[2:]]
    assert len(rows) > 30
    assert [row[0] for row in rows if len(row[-1]) < 10] == []
