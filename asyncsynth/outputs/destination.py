"""Where an export goes: made aside and renamed, so that it is there as a whole or not at all.

What stands there already is replaced only where it is an earlier export that nobody has changed. `force` also replaces
one that was changed, and a file. A directory that is no export is never replaced.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from asyncsynth.errors import ExportFailed, UsageError
from asyncsynth.regular_file import read_regular

MARKER = ".asyncsynth-export.json"  # hidden, so that no loader takes it for data


class _Found(NamedTuple):
    """What a directory has, but for its marker."""

    files: int
    bytes: int
    newest: int  # nanoseconds since the epoch


def check_destination(destination: Path, *, force: bool) -> None:
    """Raises UsageError where something is in the way."""
    if not os.path.lexists(destination):
        return
    if destination.is_symlink() or not (destination.is_dir() or destination.is_file()):
        raise UsageError(f"{destination} is neither a file nor a directory", hint="name another place with --to")
    if destination.is_file():
        if not force:
            raise UsageError(
                f"{destination} already exists", hint="--force replaces it; or name another file with --to"
            )
        return
    noted = _noted(destination)
    if noted is None and any(destination.iterdir()):
        raise UsageError(
            f"{destination} already exists and is not an export of asyncsynth, so it is never replaced",
            hint="name another directory with --to, or remove that one yourself",
        )
    if noted is not None and noted != _found(destination) and not force:
        raise UsageError(
            f"{destination} was changed since it was exported",
            hint="--force replaces it, with all that was added; or name another directory with --to",
        )


@contextlib.contextmanager
def made_aside(destination: Path, told: Mapping[str, Any]) -> Iterator[Path]:
    """A new directory, which becomes the destination at the end; on an error it goes without a trace.

    `told` goes into the marker. Raises ExportFailed where the disk refuses, and says which of both is there then.
    """
    with _directory_beside(destination) as aside:
        yield aside
        (aside / MARKER).write_text(json.dumps({**told, **_found(aside)._asdict()}) + "\n", encoding="utf-8")
        _put_in_place(aside, destination)


@contextlib.contextmanager
def file_made_aside(destination: Path) -> Iterator[Path]:
    """The same for a single file: a directory for it, in which it has the name of the destination."""
    with _directory_beside(destination) as aside:
        yield aside
        (aside / destination.name).replace(destination)
        _sync_place_of(destination)


@contextlib.contextmanager
def _directory_beside(destination: Path) -> Iterator[Path]:
    """A new directory on the same file system, so that what is made in it can be renamed into its place."""
    with writing(destination):
        destination.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{destination.name[:100]}.", suffix=".new", dir=destination.parent))
        try:
            yield aside
        finally:
            shutil.rmtree(aside, ignore_errors=True)


@contextlib.contextmanager
def writing(destination: Path) -> Iterator[None]:
    """Turns an OSError inside into ExportFailed."""
    try:
        yield
    except OSError as error:
        raise ExportFailed(
            f"{destination} can't be written: {error.strerror or error}",
            hint="nothing was exported, and what stood there is as it was; fix the cause or choose another --to",
        ) from error


def _put_in_place(aside: Path, destination: Path) -> None:
    _sync(aside)
    if not destination.is_dir() or not any(destination.iterdir()):
        aside.replace(destination)  # an empty directory is replaced like a file
        _sync_place_of(destination)
        return
    old = aside.with_suffix(".old")
    destination.replace(old)
    try:
        aside.replace(destination)
    except BaseException:
        old.replace(destination)
        raise
    try:
        _sync_place_of(destination)
    finally:
        shutil.rmtree(old, ignore_errors=True)


def _sync_place_of(destination: Path) -> None:
    try:
        _sync(destination.parent)
    except OSError as error:
        raise ExportFailed(
            f"{destination} is written, but a power cut may take it away: {error.strerror or error}",
            hint="look after the disk, then export again",
        ) from error


def _noted(directory: Path) -> _Found | None:
    """What the marker of an export says; None where there is none."""
    try:
        told = json.loads(read_regular(directory / MARKER))
        return _Found(*(told[name] for name in _Found._fields))
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _found(directory: Path) -> _Found:
    files = size = newest = 0
    for folder, _, names in os.walk(directory):
        for name in names:
            if name == MARKER and Path(folder) == directory:
                continue
            there = (Path(folder) / name).lstat()
            files, size, newest = files + 1, size + there.st_size, max(newest, there.st_mtime_ns)
    return _Found(files, size, newest)


def _sync(directory: Path) -> None:
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
