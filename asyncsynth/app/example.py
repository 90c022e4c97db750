"""The config that ships with asyncsynth, written out as the start of a recipe of one's own."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from asyncsynth.errors import UsageError


def example() -> bytes:
    """The commented config.toml of the plot outlines."""
    return files("asyncsynth").joinpath("examples", "plot-outlines.toml").read_bytes()


def write_example(to: Path) -> None:
    """Write the example as a new file; raises UsageError where there is something already or nothing can be written."""
    target = to.expanduser()
    try:
        with target.open("xb") as file:
            try:
                file.write(example())
                file.flush()
            except OSError:
                target.unlink()  # half a config would only be in the way of the next try
                raise
    except FileExistsError:
        raise UsageError(
            f"{to} is there already and was left as it is", hint="name another file with --to FILE, or move that one"
        ) from None
    except OSError as error:
        raise UsageError(
            f"{to}: can't be written: {error.strerror}", hint="name another file with --to FILE"
        ) from error
