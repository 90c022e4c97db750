"""Paths in a config: the one place that knows which options are paths, what they mean, and where they lead.

`~` is the home directory, and what is relative is relative to a folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from asyncsynth.errors import Problem

ENV_FILE = ".env"  # beside the config


class _Option(Struct, frozen=True):
    """An option that is a path: its place, like axes.product.rows, and the table that has it under `name`."""

    place: str
    table: dict[str, Any]
    name: str

    @property
    def path(self) -> str:
        path: str = self.table[self.name]
        return path


def placed(tree: dict[str, Any], folder: Path) -> None:
    """Puts the folder before the relative paths of a parsed config, and the home directory in the place of `~`.

    A second call with the working directory changes nothing but what was put in since.
    """
    for option in _paths_in(tree):
        option.table[option.name] = str(_placed(option.path, folder))


def leading_out(tree: dict[str, Any], folder: Path, below: Path) -> list[Problem]:
    """The paths of a config whose paths were placed, and of the .env in its `folder`, that lead out of `below`.

    Also by `..`, by a symbolic link on the way, and by one among the files that a pattern or a folder stands for. What
    is hidden there, such as the .env itself, is no file for a config to read or write.
    """
    root = below.resolve()
    problems = [
        Problem(option.place, f"leads out of {below}, or to what is hidden there; every path must stay below it")
        for option in _paths_in(tree)
        if not (stays(option.path, root) and (option.name != "rows" or _files_stay(option.path, root)))
    ]
    if _place_in(str(folder / ENV_FILE), root) is None:
        problems.append(Problem(ENV_FILE, f"leads out of {below}, below which every path must stay"))
    return problems


def stays(path: str, root: Path) -> bool:
    """Whether a path leads to something in the resolved folder `root` that is not hidden, wherever its links lead."""
    place = _place_in(path, root)
    return place is not None and not any(part.startswith(".") for part in place.parts)


def files_of(path: Path) -> tuple[Path, list[str]]:
    """The folder, and the names in it of all files that are not hidden, or that the pattern means."""
    parts = path.parts
    first = next((number for number, part in enumerate(parts) if "*" in part), len(parts))
    folder, pattern = Path(*parts[:first]), "/".join(parts[first:]) or "**/*"
    names = (file.relative_to(folder) for file in folder.glob(pattern) if file.is_file())
    return folder, sorted(name.as_posix() for name in names if not any(part.startswith(".") for part in name.parts))


def _paths_in(tree: dict[str, Any]) -> Iterator[_Option]:
    axes = _tables(tree.get("axes"))
    options = [_Option(f"axes.{name}.{kind}", axis, kind) for name, axis in axes for kind in ("rows", "lines")]
    steps = [(f"steps.{name}", step) for name, step in _tables(tree.get("steps"))]
    if isinstance(prompt := tree.get("prompt"), dict):
        steps.append(("prompt", prompt))
    options += [_Option(f"{place}.schema", step, "schema") for place, step in steps]
    if isinstance(output := tree.get("output"), dict):
        options.append(_Option("output.directory", output, "directory"))
    endpoints = [(f"endpoints.{name}", endpoint) for name, endpoint in _tables(tree.get("endpoints"))]
    if isinstance(endpoint := tree.get("endpoint"), dict):
        endpoints.append(("endpoint", endpoint))
    options += [_Option(f"{place}.model", endpoint, "model") for place, endpoint in endpoints if _is_file(endpoint)]
    return (option for option in options if isinstance(path := option.table.get(option.name), str) and path)


def _tables(table: object) -> list[tuple[str, dict[str, Any]]]:
    return (
        [(name, inner) for name, inner in table.items() if isinstance(inner, dict)] if isinstance(table, dict) else []
    )


def _is_file(endpoint: dict[str, Any]) -> bool:
    """Whether its model is the path of weights."""
    model = endpoint.get("model")
    return isinstance(model, str) and endpoint.get("provider", "local") == "local" and model.endswith(".gguf")


def _placed(path: str, folder: Path) -> Path:
    try:
        return folder / Path(path).expanduser()
    except RuntimeError:
        return Path(path)  # nobody knows that home directory; the section's check tells


def _place_in(path: str, root: Path) -> Path | None:
    """Where in the folder a path leads to; None where it leads out, or nobody knows where to."""
    parts = Path(path).parts
    pattern = next((number for number, part in enumerate(parts) if "*" in part), len(parts))
    if ".." in parts[pattern:]:
        return None  # that depends on what the pattern finds
    try:
        return Path(path).resolve().relative_to(root)
    except (OSError, RuntimeError, ValueError):  # it leads out; a loop of links; no path at all
        return None


def _files_stay(path: str, root: Path) -> bool:
    """Whether what a folder or a pattern stands for stays."""
    if "*" not in path and not Path(path).is_dir():
        return True
    folder, names = files_of(Path(path))
    return all(stays(str(folder / name), root) for name in names)
