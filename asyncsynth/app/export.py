"""Hands the records of a directory on in the form of a trainer; the directory is only read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from asyncsynth.app.choice import Choice, Record, check_where
from asyncsynth.app.outside import Outside
from asyncsynth.app.present import Present, present_records
from asyncsynth.app.where import Where
from asyncsynth.errors import UsageError
from asyncsynth.outputs.examples import Kind, blanks_moved, kind_of
from asyncsynth.outputs.formats import Format, RowOf, Writer, format_named, row_maker
from asyncsynth.outputs.shares import WHOLE, Shares
from asyncsynth.outputs.target import check_target, file_made_aside, made_aside
from asyncsynth.recipe.recipe import Recipe
from asyncsynth.store.contents import ANSWERS, MANIFEST, RAW
from asyncsynth.store.lock import LOCK
from asyncsynth.store.views import FAILURES, RECORDS
from asyncsynth.version import VERSION

_OF_THE_RUN = frozenset({ANSWERS, MANIFEST, RAW, RECORDS, FAILURES, LOCK})
_SUFFIXES = (".jsonl", ".parquet")


class Options(NamedTuple):
    """What to export, and how. `to` is a single file where it ends like one (.jsonl, .parquet), else a directory."""

    format: str
    to: Path
    split: Shares | None = None
    where: tuple[Where, ...] = ()
    keep_blanks: bool = False
    force: bool = False


class Exported(NamedTuple):
    """What was written: examples by split, the files, and how many records were left out for which reason."""

    to: Path
    examples: Mapping[str, int]
    files: tuple[str, ...]  # relative to `to`; none where that is a single file
    left_out: Mapping[str, int]
    notes: tuple[str, ...]


def export(
    directory: Path, options: Options, *, recipe: Recipe | None = None, outside: Outside | None = None
) -> Exported:
    """Writes the examples that the recipe makes of what is there; without one, those of the newest run's recipe.

    Raises UsageError for what can't be exported like this, ExportFailed where it can't be written, StoreError.
    """
    form = format_named(options.format)
    to = _checked_target(directory, options, form)
    with present_records(directory, recipe, outside) as present:
        kind, row_of = _look_at_first(present, options)
        choice, shares = Choice(kind, options.where), options.split or Shares(WHOLE)
        told = {"made_by": f"asyncsynth {VERSION}", "format": options.format, "from": str(directory)}
        with file_made_aside(to) if to.suffix else made_aside(to, told) as aside:
            paths = {split: aside / (to.name if to.suffix else form.place(split)) for split in shares.names}
            examples = _write(choice.of(present.records()), shares, row_of, form.writer(paths))
            _check_result(examples, choice)
            notes = [*present.notes, *_without_empty(paths, examples)]
            files = () if to.suffix else tuple(sorted(str(path.relative_to(aside)) for path in aside.rglob("*")))
        return Exported(to, examples, files, dict(choice.left_out), tuple(notes))


def _checked_target(directory: Path, options: Options, form: Format) -> Path:
    """Where to export to; without a suffix it is a directory. Raises UsageError."""
    to = options.to.expanduser().absolute()
    if to.suffix in _SUFFIXES and form.suffix != to.suffix:
        wanted = f"a directory or a {form.suffix} file" if form.suffix else "a directory"
        raise UsageError(f"--format {options.format} is written to {wanted}, not to {to.name}")
    if to.suffix in _SUFFIXES and len((options.split or Shares(WHOLE)).names) > 1:
        raise UsageError(f"a split makes several files, and {to.name} is one", hint="name a directory with --to")
    if to.name in _OF_THE_RUN and to.parent.resolve() == directory.resolve():
        raise UsageError(f"{to} is a file of the run itself", hint="name another place with --to")
    check_target(to, force=options.force)
    return to


def _look_at_first(present: Present, options: Options) -> tuple[Kind, RowOf]:
    """The kind of all records, and what makes rows of them. Raises UsageError."""
    first = next(present.records(), None)
    if first is None:
        raise UsageError(
            "none of the answers that are there makes a record of this recipe",
            hint="export with the config and the --set of the run, or by the newest run's recipe, from Python: "
            "asyncsynth.open(DIR).export(...)",
        )
    check_where(options.where, first)
    kind = kind_of(first)
    row_of = row_maker(options.format, kind)
    assert kind is not None
    if format_named(options.format).joins and not options.keep_blanks:
        return kind, lambda record: row_of(blanks_moved(record, kind))
    return kind, row_of


def _write(records: Iterator[Record], shares: Shares, row_of: RowOf, writer: Writer) -> dict[str, int]:
    """How many rows each split got."""
    examples = dict.fromkeys(shares.names, 0)
    with contextlib.closing(writer):
        for record in records:
            split = shares.of(record["key"])
            writer.write(split, row_of(record))
            examples[split] += 1
        writer.finish()
    return examples


def _check_result(examples: Mapping[str, int], choice: Choice) -> None:
    if not any(examples.values()):
        reasons = ", ".join(f"{number:,} {reason}" for reason, number in choice.left_out.items())
        raise UsageError(f"no example is left to export: {reasons}", hint="nothing was written")


def _without_empty(paths: Mapping[str, Path], examples: Mapping[str, int]) -> Iterator[str]:
    """Takes files without a row away, which loaders stumble over, and says so."""
    for split, path in paths.items():
        if not examples[split]:
            path.unlink()
            yield f"{split} has no example, and so no file: there are too few for its share"
