"""The views, records.jsonl and failures.jsonl: made of the answers by a recipe, and made anew where that is in doubt.

What they hold is noted in the manifest from time to time (a `views` line, see Mark). They need no sync of their own:
the next run cuts them back to what was noted, completes them from the answers, and makes them anew where a checksum
differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from asyncsynth.store.encoding import decode
from asyncsynth.store.files import Files
from asyncsynth.store.manifest import Line
from asyncsynth.store.view import Draft, Extent, View

RECORDS, FAILURES = "records.jsonl", "failures.jsonl"
UNRENDERED = "record_template"  # the reason of a sample whose answer is there, but whose record can't be rendered
FIRST_LOOK = 4 << 20  # bytes of a file by which a loader decides on its columns' types; pyarrow's takes 10 MB
TYPED = ("cost_usd", "flags")  # fields of a record that may be null or empty at first and are not later


class Mark(NamedTuple):
    """What the views hold of the first `answers` bytes of answers.jsonl, by the recipe of this fingerprint and order.

    `unrendered`: failures that are no dead letters, since only their record template failed. `dead`: how many `dead`
    lines of the manifest are in it. `typed`: for each field of
    TYPED the place of the first record in which it says something, -1 where none does.
    """

    recipe: str = ""
    order: str = ""
    answers: int = 0
    records: Extent = Extent()
    failures: Extent = Extent()
    unrendered: int = 0
    dead: int = 0
    typed: tuple[int, ...] = (-1,) * len(TYPED)

    def line(self) -> Line:
        """The manifest's `views` line."""
        return {
            "type": "views",
            "recipe": self.recipe,
            "order": self.order,
            "answers": self.answers,
            "records": tuple(self.records),
            "failures": tuple(self.failures),
            "unrendered": self.unrendered,
            "dead": self.dead,
            "typed": self.typed,
        }

    @property
    def samples(self) -> int:
        """How many samples have their answer."""
        return self.records.lines + self.unrendered


def mark_of(line: Line) -> Mark:
    """The mark of a `views` line. TypeError or ValueError where it is none."""
    return Mark(
        str(line["recipe"]),
        str(line["order"]),
        int(line["answers"]),
        Extent(*map(int, line["records"])),
        Extent(*map(int, line["failures"])),
        int(line["unrendered"]),
        int(line["dead"]),
        tuple(map(int, line["typed"])),
    )


class Lines(NamedTuple):
    """Lines for the views that one answer, or one dead letter, brings; `answer` is what they are made of."""

    records: Sequence[bytes] = ()
    failures: Sequence[bytes] = ()
    answer: Mapping[str, Any] | None = None  # None: a dead letter


class Views:
    """Both views, as the recipe of this fingerprint and order makes them."""

    def __init__(self, files: Files, directory: Path, mark: Mark) -> None:
        self.recipe, self.order = mark.recipe, mark.order
        self.records = View(files, directory / RECORDS, mark.records)
        self.failures = View(files, directory / FAILURES, mark.failures)
        self.up_to_date = False  # whether they hold all that there is, not only what was noted
        self._files = files
        self._noted = mark.answers, mark.dead
        self.unrendered = mark.unrendered  # failures that are no dead letters: only their record template failed
        self._typed = list(mark.typed)

    @property
    def healthy(self) -> bool:
        """Whether they hold what they are said to: no write has failed."""
        return self.records.healthy and self.failures.healthy

    def mark(self, answers: int, dead: int) -> Mark:
        """What they hold; there are so many bytes of answers.jsonl, and so many `dead` lines."""
        if self.up_to_date:
            self._noted = answers, dead
        answers, dead = self._noted
        extents = self.records.extent, self.failures.extent
        return Mark(self.recipe, self.order, answers, *extents, self.unrendered, dead, tuple(self._typed))

    def hold(self) -> bool:
        """Whether both files begin with what was noted of them."""
        return self.records.holds() and self.failures.holds()

    def cut(self) -> None:
        """Cuts off what was written after the last note."""
        self.records.cut()
        self.failures.cut()

    def append(self, brought: Sequence[Lines]) -> None:
        """Raises StoreWriteFailed."""
        self._count(brought)
        records = [line for lines in brought for line in lines.records]
        failures = [line for lines in brought for line in lines.failures]
        if records:
            self.records.append(records)
        if failures:
            self.failures.append(failures)

    def make_anew(self, brought: Iterable[Sequence[Lines]], *, recipe: str, order: str) -> None:
        """Replaces both files, in memory that does not grow. Raises StoreWriteFailed; then nothing has changed."""
        before = self.unrendered, self._typed
        drafts = Draft(self._files, self.records.path), Draft(self._files, self.failures.path)
        self.unrendered, self._typed = 0, [-1] * len(TYPED)
        try:
            for piece in brought:
                self._count(piece, drafts[0].extent.size)
                for lines in piece:
                    drafts[0].add(lines.records)
                    drafts[1].add(lines.failures)
            self.records.take(drafts[0])
            self.failures.take(drafts[1])
        except BaseException:
            self.unrendered, self._typed = before
            raise
        finally:
            for draft in drafts:
                draft.close()
        self.recipe, self.order = recipe, order

    def leave_out(self, keys: frozenset[str]) -> None:
        """Copies both files without the lines of these keys."""
        self._typed = [-1] * len(TYPED)
        self.records.replace(self._typing(self.records.without(keys)))
        self.failures.replace(self.failures.without(keys))
        self.unrendered = sum(_is_unrendered(line) for line in self.failures.lines())

    def show_types_first(self) -> bool:
        """Moves the records that first show a column's type to the head, so that a loader sees all types at once."""
        places = sorted({place for place in self._typed if place > FIRST_LOOK})
        if not places:
            return False
        heads = [self.records.line_at(place) for place in places]
        self._typed = [-1] * len(TYPED)
        self.records.replace(self._typing(chain(heads, self.records.but_for(places))))
        return True

    def close(self) -> None:
        self.records.close()
        self.failures.close()

    def _count(self, brought: Sequence[Lines], size: int | None = None) -> None:
        """Counts what the lines bring to the files; the records will begin at `size`."""
        typed = self._typed
        place = self.records.extent.size if size is None else size
        for lines in brought:
            answer = lines.answer
            if answer is None:
                continue
            self.unrendered += len(lines.failures)
            if lines.records and -1 in typed:
                for number, shown in enumerate(types_shown(answer)):
                    if shown and typed[number] < 0:
                        typed[number] = place
            place += sum(map(len, lines.records))

    def _typing(self, lines: Iterable[bytes]) -> Iterable[bytes]:
        """The lines, whose types are noted on their way."""
        place = 0
        for line in lines:
            if -1 in self._typed and (record := decode(line)) is not None:
                for number, shown in enumerate(types_shown(record)):
                    if shown and self._typed[number] < 0:
                        self._typed[number] = place
            place += len(line)
            yield line


def _is_unrendered(failure: bytes) -> bool:
    told = decode(failure)
    return told is not None and told.get("reason") == UNRENDERED


def types_shown(answer: Mapping[str, Any]) -> tuple[bool, ...]:
    """For each field of TYPED, whether its value here shows its type."""
    return answer["cost_usd"] is not None, bool(answer["flags"])
