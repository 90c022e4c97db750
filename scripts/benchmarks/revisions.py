"""Another revision of asyncsynth beside ours: its files in a scratch folder, and the packages that it locks."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

from benchmarks.environments import environment_of
from benchmarks.sides import Side

LOCK = "requirements.txt"


class NoSuchRevision(Exception):
    """What --against names can't be had; the message has git's own words."""


def beside(ours: Side, revision: str, scratch: Path) -> tuple[Side, Side]:
    """Ours and theirs. Where their locks differ, each gets an environment of its own lock and nothing else."""
    theirs = Side(revision, files_of(ours.root, revision, scratch), ours.python, scratch)
    if (theirs.root / LOCK).read_bytes() == (ours.root / LOCK).read_bytes():
        return ours, theirs
    print(f"{revision} locks other packages; each side gets an environment of its own", flush=True)
    mine, other = (replace(side, python=str(environment_of(side.root / LOCK, ours.python))) for side in (ours, theirs))
    return mine, other


def files_of(repository: Path, revision: str, scratch: Path) -> Path:
    """The folder with all files of the revision. Raises NoSuchRevision."""
    root, archive = scratch / "checkout", scratch / "checkout.tar"
    root.mkdir(parents=True)
    commit = _git(repository, "rev-parse", "--verify", f"{revision}^{{commit}}").strip()
    _git(repository, "archive", "--format=tar", f"--output={archive}", commit)
    shutil.unpack_archive(archive, root)
    archive.unlink()
    return root


def _git(repository: Path, *arguments: str) -> str:
    git = shutil.which("git")
    if git is None:
        raise NoSuchRevision("--against asks git for the revision, and there is no git")
    ended = subprocess.run([git, *arguments], cwd=repository, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise NoSuchRevision(f"--against: git says: {ended.stderr.strip()}")
    return ended.stdout
