"""The files that belong to the project: for tests that are about the repository itself."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]

# What tools leave in a source distribution that was unpacked; in a clone, git says what is ignored.
MADE_BY_TOOLS = {"PKG-INFO", "setup.cfg", "build", "runs"}


def project_files() -> list[Path]:
    """Every file of the project, relative to its top folder; also new ones that nobody has committed yet."""
    if (ROOT / ".git").exists() and shutil.which("git"):
        listed = subprocess.run(
            ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        names = {Path(name) for name in listed.stdout.split("\0") if name}
    else:
        names = {path.relative_to(ROOT) for path in ROOT.rglob("*") if not _is_made(path.relative_to(ROOT))}
    return sorted(name for name in names if (ROOT / name).is_file())


def _is_made(name: Path) -> bool:
    return (
        name.parts[0] in MADE_BY_TOOLS
        or name.parts[0].startswith((".venv", ".mypy", ".pytest", ".ruff", ".hypothesis", ".coverage"))
        or any(part == "__pycache__" or part.endswith(".egg-info") for part in name.parts)
    )
