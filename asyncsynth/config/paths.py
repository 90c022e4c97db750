"""Paths in a config: `~` is the home directory, and what is relative is relative to a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def placed(tree: dict[str, Any], folder: Path) -> None:
    """Puts the folder before the relative paths of a parsed config, and the home directory in the place of `~`.

    A second call with the working directory changes nothing but what was put in since.
    """
    axes = tree.get("axes")
    for axis in axes.values() if isinstance(axes, dict) else ():
        for kind in ("rows", "lines"):
            if isinstance(axis, dict) and isinstance(path := axis.get(kind), str) and path:
                axis[kind] = str(_placed(path, folder))
    steps = tree.get("steps")
    for step in (tree.get("prompt"), *(steps.values() if isinstance(steps, dict) else ())):
        if isinstance(step, dict) and isinstance(path := step.get("schema"), str) and path:
            step["schema"] = str(_placed(path, folder))
    output = tree.get("output")
    if isinstance(output, dict) and isinstance(directory := output.get("directory"), str) and directory:
        output["directory"] = str(_placed(directory, folder))
    named = tree.get("endpoints")
    for endpoint in (tree.get("endpoint"), *(named.values() if isinstance(named, dict) else ())):
        if isinstance(endpoint, dict) and isinstance(model := endpoint.get("model"), str):
            is_local_file = endpoint.get("provider", "local") == "local" and model.endswith(".gguf")
            if is_local_file:
                endpoint["model"] = str(_placed(model, folder))


def _placed(path: str, folder: Path) -> Path:
    try:
        return folder / Path(path).expanduser()
    except RuntimeError:
        return Path(path)  # nobody knows that home directory; the section's check tells
