"""Files that are moved, replaced or deleted under a run: what to say, and how to save what only open files have."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterable
from pathlib import Path

from asyncsynth.errors import StoreTakenAway
from asyncsynth.store.files import NEW, Files, doing
from asyncsynth.store.scan import CHUNK, Source

SAVED = ".saved"


def missing(files: Files, opened: Iterable[Source]) -> list[Source]:
    """The open files that their paths don't lead to any more."""
    return [source for source in opened if not files.is_at(source.fd, source.path)]


def why_taken_away(files: Files, directory: Path, opened: list[Source], truth: list[Source]) -> StoreTakenAway | None:
    """What to say where open files were taken away, None where none was; saves the `truth` where it was deleted.

    `directory` is its whole path: the working directory may be gone as well.
    """
    with doing("look at", directory):
        gone = missing(files, opened)
    if not gone:
        return None
    lost = [source for source in truth if source in gone]
    if not lost:
        return _without_loss(gone)
    places = [place for source in lost if (place := _whereabouts(files, source)) is not None]
    return _moved(directory, places) if len(places) == len(lost) else _deleted(files, directory, lost, truth)


def _without_loss(gone: list[Source]) -> StoreTakenAway:
    return StoreTakenAway(
        f"in {gone[0].path.parent}, {_names_were(gone)} moved, replaced or deleted while the run worked, so it "
        "stopped; all answers are kept",
        hint="run the same command again: it goes on, and nothing is paid twice",
    )


def _moved(directory: Path, places: list[Path]) -> StoreTakenAway:
    where = " and ".join(sorted({str(place.parent) for place in places}))
    return StoreTakenAway(
        f"{directory}, or files in it, moved to {where} while the run worked, so it stopped; all answers are there",
        hint=f"move it back, or go on with --output {where}: nothing is paid twice",
    )


def _deleted(files: Files, directory: Path, lost: list[Source], truth: list[Source]) -> StoreTakenAway:
    where = _save(files, directory, truth)
    return StoreTakenAway(
        f"in {directory}, {_names_were(lost)} deleted or replaced while the run worked, so it stopped; all answers are "
        f"saved in {where}",
        hint=f"go on with --output {where}, or put its files back into {directory}: nothing is paid twice",
    )


def _names_were(sources: list[Source]) -> str:
    return " and ".join(source.path.name for source in sources) + (" was" if len(sources) == 1 else " were")


def _whereabouts(files: Files, source: Source) -> Path | None:
    with contextlib.suppress(OSError):
        return files.whereabouts(source.fd)
    return None


def _save(files: Files, directory: Path, truth: list[Source]) -> Path:
    """Copies these open files into a new directory beside the old one."""
    for number in itertools.count(1):
        where = directory.with_name(directory.name + SAVED + (f"-{number}" if number > 1 else ""))
        with doing("make the directory", where):
            files.make_directory(where)
        if all(_copy(files, source, where / source.path.name) for source in truth):
            break
    return where


def _copy(files: Files, source: Source, copy: Path) -> bool:
    """False where there is such a file already."""
    with doing("save answers in", copy):
        try:
            fd = files.open(copy, NEW)
        except FileExistsError:
            return False
        try:
            place = 0
            while chunk := files.read(source.fd, CHUNK, place):
                place += files.write(fd, chunk)
            files.fdatasync(fd)
        finally:
            files.close(fd)
    return True
