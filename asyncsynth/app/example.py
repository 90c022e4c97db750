"""The configs that ship with asyncsynth, each the start of a recipe of one's own."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from asyncsynth.errors import Problem, UsageError, nearest

PLOT_OUTLINES = "plot-outlines"
EXAMPLES = (PLOT_OUTLINES, "story")  # one request a sample; several steps, gates and a judge


def example(name: str = PLOT_OUTLINES) -> bytes:
    """A commented config.toml. Raises UsageError where there is none of this name."""
    if name not in EXAMPLES:
        problem = Problem("--example", f"there is no example called {name!r}", nearest(name, EXAMPLES))
        raise UsageError(str(problem), hint=f"there are {', '.join(EXAMPLES)}")
    return files("asyncsynth").joinpath("examples", f"{name}.toml").read_bytes()


def write_example(to: Path, name: str = PLOT_OUTLINES) -> None:
    """Write an example as a new file; raises UsageError where there is something already or nothing can be written."""
    content = example(name)
    target = to.expanduser()
    try:
        with target.open("xb") as file:
            try:
                file.write(content)
                file.flush()
            except OSError:
                target.unlink()  # half a config would only be in the way of the next try
                raise
    except FileExistsError:
        raise UsageError(
            f"{to} already exists and was left as it is", hint="name another file with --to FILE, or move that one"
        ) from None
    except OSError as error:
        raise UsageError(
            f"{to}: can't be written: {error.strerror}", hint="name another file with --to FILE"
        ) from error
