"""Virtual environments with a few packages and nothing else, made without a network from what is installed here."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

from tests.tree import ROOT, project_files

WITHOUT_OUR_PATH = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}


def succeed(*command: str | Path, cwd: Path) -> str:
    """Standard output of a command that must not fail, run as if this repository were not there."""
    result = subprocess.run(command, cwd=cwd, env=WITHOUT_OUR_PATH, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def make_environment(folder: Path, requirements: Iterable[str]) -> Path:
    """An environment with these packages and what they need; returns its Python."""
    succeed(sys.executable, "-m", "venv", "--without-pip", folder, cwd=ROOT)
    (packages,) = folder.glob("lib/python*/site-packages")
    for package in _needed(requirements):
        for top in {file.parts[0] for file in package.files or () if file.parts[0] not in {"..", "__pycache__"}}:
            if not (packages / top).exists():
                (packages / top).symlink_to(Path(str(package.locate_file(top))))
    return folder / "bin" / "python"


def copy_project(to: Path) -> None:
    """The files of the project, as a fresh clone has them."""
    for name in project_files():
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, to / name)


def _needed(requirements: Iterable[str], extra: str = "") -> Iterator[Distribution]:
    for requirement in map(Requirement, requirements):
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            found = distribution(requirement.name)
            yield found
            for wanted in requirement.extras or {""}:
                yield from _needed(found.requires or [], wanted)
