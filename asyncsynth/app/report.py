"""Writes what is in an output directory as one page that opens from the disk; the directory is only read."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from asyncsynth.app.outside import Outside
from asyncsynth.app.survey import EVERYTHING, Wanted, survey
from asyncsynth.errors import UsageError
from asyncsynth.outputs.destination import check_destination, file_made_aside
from asyncsynth.outputs.lines import new_file
from asyncsynth.outputs.page import whole_page
from asyncsynth.outputs.survey.values import Survey, survey_object
from asyncsynth.store.encoding import encode

_SUFFIXES = (".html", ".htm")


class Reported(Struct, frozen=True):
    """What was written, its size in bytes, and what it shows."""

    to: Path
    size: int
    survey: Survey


def report(
    directory: Path, to: Path, wanted: Wanted = EVERYTHING, *, force: bool = False, outside: Outside | None = None
) -> Reported:
    """One HTML file. Raises UsageError, ExportFailed where it can't be written, StoreError."""
    to = to.expanduser().absolute()
    if to.suffix.lower() not in _SUFFIXES:
        raise UsageError(f"a report is one HTML file, and {to.name} does not end in .html", hint="--to report.html")
    check_destination(to, force=force)
    found = survey(directory, wanted, outside=outside)
    with file_made_aside(to) as aside, new_file(aside / to.name) as file:
        for part in whole_page(encode(survey_object(found))):
            file.write(part)
        file.flush()
        size = file.tell()
    return Reported(to, size, found)
