"""Hands the records of a directory on in the form of a trainer; the directory is only read."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from asyncsynth.app.choice import Choice, Reason, Record, marked_as_failed, not_wanted
from asyncsynth.app.outside import Outside
from asyncsynth.app.present import Present, present_records
from asyncsynth.app.spliced import Splicer, splicer_for, write_joined, write_spliced
from asyncsynth.app.where import Where, check_axes, check_axis, holds, value_at
from asyncsynth.app.workflows import AnyRecipe
from asyncsynth.errors import UsageError
from asyncsynth.outputs.beside import beside
from asyncsynth.outputs.checks import Check
from asyncsynth.outputs.destination import check_destination, file_made_aside, made_aside
from asyncsynth.outputs.duplicates import Repeats, duplicates
from asyncsynth.outputs.examples import Kind, blanks_mover, kind_of
from asyncsynth.outputs.formats import Format, RowOf, Writer, format_named, row_maker
from asyncsynth.outputs.lines import Lines
from asyncsynth.outputs.marks import read_marks
from asyncsynth.outputs.shares import Shares
from asyncsynth.outputs.strata import StratifiedShares
from asyncsynth.quality.originals import Originals
from asyncsynth.recipe.condition import names_in
from asyncsynth.store.contents import ANSWERS, MANIFEST, RAW
from asyncsynth.store.lock import LOCK
from asyncsynth.store.views import FAILURES, RECORDS
from asyncsynth.version import VERSION

_OF_THE_RUN = frozenset({ANSWERS, MANIFEST, RAW, RECORDS, FAILURES, LOCK})
_SUFFIXES = (".jsonl", ".parquet")


class Options(Struct, frozen=True):
    """What to export, and how. `to` is a single file where it ends like one (.jsonl, .parquet), else a directory.

    `stratify`: an axis, each value of which is split alike. `dedupe`: exact, near or near=SHARE. `marks`: a file of
    them. `checks`: the trainers whose rules it must meet. `license`: what the card of the format hub says.
    """

    format: str
    to: Path
    split: Shares | None = None
    stratify: str | None = None
    where: tuple[Where, ...] = ()
    marks: Path | None = None
    dedupe: str | None = None
    checks: tuple[str, ...] = ()
    keep_blanks: bool = False
    force: bool = False
    license: str = "unknown"

    @property
    def is_file(self) -> bool:
        """Whether `to` is a single file."""
        return self.to.suffix in _SUFFIXES

    @property
    def joins(self) -> bool:
        """Whether blanks between prompt and answer move to the answer."""
        return format_named(self.format).joins and not self.keep_blanks

    @property
    def chooses(self) -> bool:
        """Whether some records may be left out that trainers can use."""
        return bool(self.where or self.marks or self.dedupe)


class Exported(Struct, frozen=True):
    """What was written: examples by split, what is in the directory, and how many records were left out, and why."""

    to: Path
    examples: Mapping[str, int]
    entries: tuple[str, ...]  # files, and folders with a slash behind them
    left_out: Mapping[str, int]
    notes: tuple[str, ...]


def export(
    directory: Path, options: Options, *, recipe: AnyRecipe | None = None, outside: Outside | None = None
) -> Exported:
    """Writes the examples that the recipe makes of what is there; without one, those of the newest run's recipe.

    Raises UsageError for what can't be exported like this, ExportFailed where it can't be written, StoreError.
    """
    form = format_named(options.format)
    checks = [Check(name, options.format) for name in options.checks]
    shares = options.split or Shares(form.shares)
    to = _checked_destination(directory, options, form, shares)
    with present_records(directory, recipe, outside) as present:
        first, kind, row_of = _look_at_first(present, options)
        choose = _chooser(options, form, kind, first)
        choice = choose()
        splicer_of = _splicers(options, form, checks, (first, kind, row_of))
        told = {"made_by": f"asyncsynth {VERSION}", "format": options.format, "from": str(directory)}
        with file_made_aside(to) if options.is_file else made_aside(to, told) as aside:
            places = {
                each: to.name if options.is_file else form.place(each, len(shares.names)) for each in shares.names
            }
            paths = {split: aside / place for split, place in places.items()}
            if (splicer := splicer_of(choice)) is None:
                split_of = _splitter(options, shares, choose().of(present.records()))
                examples = _write(choice.of(present.records()), split_of, row_of, form.writer(paths), checks)
            elif len(shares.names) == 1 and not options.chooses:
                examples = write_joined(present.pieces(), splicer, shares.names[0], Lines(paths))
            else:
                split_of = _splitter(options, shares, _heads(present, splicer_of(choose())))
                examples = write_spliced(present.pieces(), splicer, split_of, Lines(paths))
            examples = {split: examples[split] for split in shares.names if split in examples}
            _check_result(examples, choice, checks)
            notes = (*present.notes, *_without_empty(paths, examples))
            entries = () if options.is_file else _finished(aside, options, places, examples)
        return Exported(to, examples, entries, dict(choice.left_out), notes)


def _splicers(
    options: Options, form: Format, checks: Iterable[Check], like: tuple[Record, Kind, RowOf]
) -> Callable[[Choice], Splicer | None]:
    """What makes a splicer of a choice; None where each record has to be read.

    What trainers refuse of rows of texts follows from their form, so the row of the first record tells it of all.
    """
    first, kind, row_of = like
    reads = options.dedupe is not None or any(_asks_for_more(each, first) for each in options.where)
    if reads or form.writer is not Lines or not all(check.takes(row_of(first)) for check in checks):
        return lambda _: None
    stratified = options.stratify is not None
    return lambda choice: splicer_for(first, kind, choice, row_of, joins=options.joins, with_combinations=stratified)


def _asks_for_more(where: Where, first: Record) -> bool:
    """Whether a condition asks for more of a record than its combination."""
    return isinstance(where, str) and not names_in(where) <= first["combination"].keys()


def _heads(present: Present, splicer: Splicer | None) -> Iterator[Record]:
    """The records that are taken, as far as their splicer reads them."""
    assert splicer is not None, "a record's head is read only where there is a splicer"
    return (record for piece in present.pieces() for record, _ in splicer.heads(piece))


def _checked_destination(directory: Path, options: Options, form: Format, shares: Shares) -> Path:
    """Where to export to. Raises UsageError."""
    to = options.to.expanduser().absolute()
    if options.is_file and form.suffix != to.suffix:
        wanted = f"a directory or a {form.suffix} file" if form.suffix else "a directory"
        raise UsageError(f"--format {options.format} is written to {wanted}, not to {to.name}")
    if options.is_file and len(shares.names) > 1:
        raise UsageError(f"a split makes several files, and {to.name} is one", hint="name a directory with --to")
    if form.splits is not None and not form.splits.issuperset(shares.names):
        raise UsageError(
            f"--split: trainers of --format {options.format} look for {', '.join(sorted(form.splits))} only",
            hint=f"like train=0.9,{min(form.splits - {'test', 'train'})}=0.1",
        )
    if to.name in _OF_THE_RUN and to.parent.resolve() == directory.resolve():
        raise UsageError(f"{to} is a file of the run itself", hint="name another place with --to")
    check_destination(to, force=options.force)
    return to


def _look_at_first(present: Present, options: Options) -> tuple[Record, Kind, RowOf]:
    """The first record, the kind of all, and what makes rows of them. Raises UsageError."""
    first = next(present.records(), None)
    if first is None:
        raise UsageError(
            "none of the answers that are there makes a record of this recipe",
            hint="export with the config and the --set of the run, or by the newest run's recipe, from Python: "
            "asyncsynth.open(DIR).export(...)",
        )
    check_axes(options.where, first["combination"])
    if options.stratify is not None:
        check_axis("--stratify", options.stratify, first["combination"])
    kind = kind_of(first)
    row_of = row_maker(options.format, kind)
    assert kind is not None
    if options.joins:
        move = blanks_mover(kind)
        return first, kind, lambda record: move(row_of(record))
    return first, kind, row_of


def _chooser(options: Options, form: Format, kind: Kind, first: Record) -> Callable[[], Choice]:
    """What makes a choice that has seen nothing yet. Raises UsageError."""
    marks = None if options.marks is None else read_marks(options.marks)
    of_keys = [] if marks is None else [marked_as_failed(marks)]
    of_combinations = not any(_asks_for_more(each, first) for each in options.where)
    conditions = [holds(each) for each in options.where]
    wanted = [not_wanted(conditions, None if of_combinations else marks)] if conditions else []

    def near(threshold: float) -> Repeats:
        return Originals(threshold).repeats

    def choose() -> Choice:
        reasons: list[Reason] = [form.fault(kind)]
        if options.dedupe is not None:
            reasons.append(duplicates(options.dedupe, kind, near))
        return Choice(reasons, of_keys, wanted) if of_combinations else Choice([*wanted, *reasons], of_keys)

    return choose


def _splitter(options: Options, shares: Shares, records: Iterable[Record]) -> Callable[[Record], str]:
    """What says the split of a record; `records` are all that will be split, gone through where that is needed."""
    axis = options.stratify
    if len(shares.names) == 1:
        return lambda _: shares.names[0]
    if axis is None:
        return lambda record: shares.of(record["key"])
    return StratifiedShares(shares, lambda record: value_at(record, axis), records).of


def _write(
    records: Iterator[Record],
    split_of: Callable[[Record], str],
    row_of: RowOf,
    writer: Writer,
    checks: Sequence[Check],
) -> dict[str, int]:
    """How many rows each split got."""
    examples: dict[str, int] = {}
    with contextlib.closing(writer):
        for record in records:
            split, row = split_of(record), row_of(record)
            for check in checks:
                check.see(row, record["key"])
            writer.write(split, row)
            examples[split] = examples.get(split, 0) + 1
        writer.finish()
    return examples


def _check_result(examples: Mapping[str, int], choice: Choice, checks: Iterable[Check]) -> None:
    if not examples:
        reasons = ", ".join(f"{number:,} {reason}" for reason, number in choice.left_out.items())
        raise UsageError(f"no example is left to export: {reasons}", hint="nothing was written")
    for check in checks:
        check.finish(examples)


def _without_empty(paths: Mapping[str, Path], examples: Mapping[str, int]) -> Iterator[str]:
    """Takes files without a row away, which loaders stumble over, and says so."""
    for split, path in paths.items():
        if split not in examples:
            path.unlink(missing_ok=True)
            yield f"{split} has no example, and so no file: there are too few for its share"


def _finished(aside: Path, options: Options, places: Mapping[str, str], examples: Mapping[str, int]) -> tuple[str, ...]:
    """Writes what trainers want to read beside the examples; what is in the directory then."""
    filled = {split: place for split, place in places.items() if split in examples}
    for name, text in beside(options.format, options.to, filled, examples, options.license).items():
        (aside / name).write_text(text, encoding="utf-8")
    return tuple(sorted(f"{path.name}/" if path.is_dir() else path.name for path in aside.iterdir()))
