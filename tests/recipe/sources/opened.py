"""Sources of files that a test writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from asyncsynth.config.sources import Lines, Rows
from asyncsynth.recipe.sources.opening import opened
from asyncsynth.recipe.sources.source import Source


def written(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def source(path: Path, *, seed: int = 1, **options: Any) -> Source:
    """The rows of a file."""
    axes, problems = opened({"x": Rows(rows=str(path), **options)}, seed)
    assert problems == []
    found = axes["x"]
    assert isinstance(found, Source)
    return found


def lines(path: Path, *, seed: int = 1, **options: Any) -> Source:
    """The lines of a file."""
    axes, problems = opened({"x": Lines(lines=str(path), **options)}, seed)
    assert problems == []
    found = axes["x"]
    assert isinstance(found, Source)
    return found


def mistakes(path: Path, folder: Path, **options: Any) -> list[str]:
    """What is wrong with the rows of a file, without the path of its folder."""
    _, problems = opened({"x": Rows(rows=str(path), **options)}, 1)
    return [str(problem).replace(f"{folder}/", "") for problem in problems]
