"""An output directory in a script: its records, its ledger, and what can be taken out or tried again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from asyncsynth.api.given import check_type, conditions, directory, shares, texts
from asyncsynth.app.drop import Selection
from asyncsynth.app.drop import drop as drop_answers
from asyncsynth.app.export import Exported, Options
from asyncsynth.app.export import export as export_records
from asyncsynth.app.newest import newest
from asyncsynth.app.retry import retry as clear
from asyncsynth.app.status import Status
from asyncsynth.app.status import status as status_of
from asyncsynth.errors import UsageError
from asyncsynth.quality.newest import Newest
from asyncsynth.store.snapshot import read_store


class Directory:
    """What runs left behind, or are leaving right now; nothing is held open."""

    def __init__(self, path: str | PathLike[str]) -> None:
        self.path = directory(path)

    def records(self) -> Iterator[dict[str, Any]]:
        """The training examples, one at a time. Raises StoreError where the directory can't be read."""
        return read_store(self.path).records()

    def status(self) -> Status:
        """Counts, dead letters by reason, tokens and money by run and in all."""
        return status_of(self.path)

    def drop(
        self,
        *keys: str,
        where: str | Mapping[str, Any] | None = None,
        match: str | None = None,
        dry_run: bool = False,
    ) -> int:
        """Take answers out, by key or first digits, by the values of a record, or by text; returns how many.

        `where` as of `export`. The next run makes them anew; what they cost stays on the bill. Raises UsageError,
        StoreLocked.
        """
        if bool(keys) == bool(where or match):
            raise UsageError("name the answers to drop", hint='either keys, or where={"place": "India"}, match="text"')
        for key in keys:
            check_type("keys", key, str, "drop(*keys), texts one after the other")
        check_type("match", match, str, 'match="as an AI"')
        return drop_answers(self.path, Selection(keys, conditions(where), match), dry_run=dry_run)

    def export(
        self,
        to: str | PathLike[str],
        *,
        format: str,  # noqa: A002 - the name that the command line has for it
        split: str | Mapping[str, float] | None = None,
        stratify: str | None = None,
        where: str | Mapping[str, Any] | None = None,
        marks: str | PathLike[str] | None = None,
        dedupe: str | None = None,
        checks: str | Sequence[str] = (),
        keep_blanks: bool = False,
        force: bool = False,
        license: str = "unknown",  # noqa: A002 - the same
    ) -> Exported:
        """Write the training examples in the form of a trainer, as `asyncsynth export` does; see its --help.

        They are those of the newest run's recipe. `to` is a directory to make, or a file where it ends like one;
        `where` is values of axes, or an expression. Raises UsageError, ExportFailed, StoreError.
        """
        check_type("dedupe", dedupe, str, 'dedupe="near"')
        options = Options(
            format,
            Path(to),
            split=shares(split),
            stratify=stratify,
            where=conditions(where),
            marks=None if marks is None else Path(marks),
            dedupe=dedupe,
            checks=texts("checks", checks, 'checks=["trl"]'),
            keep_blanks=keep_blanks,
            force=force,
            license=license,
        )
        return export_records(self.path, options)

    def newest(self) -> Newest | None:
        """What the newest answers are like: how alike, how they ended, and what they are about; None: too few."""
        return newest(self.path)

    def retry(self, *reasons: str) -> int:
        """Clear dead letters, all or of these reasons, so that the next run tries them; returns how many."""
        return clear(self.path, texts("reasons", reasons, 'retry("timeout")') or None)

    def __repr__(self) -> str:
        return f"<Directory {self.path}>"
