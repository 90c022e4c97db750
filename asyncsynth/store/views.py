"""The views, records.jsonl and failures.jsonl: made of the answers by a recipe, and made anew where that is in doubt.

What they hold is noted in the manifest from time to time (see Mark). They need no sync of their own: the next run cuts
them back to what was noted, completes them from the answers, and makes them anew where a checksum differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from asyncsynth.store.answers import KEY_IN_LINE
from asyncsynth.store.encoding import decode
from asyncsynth.store.files import Files
from asyncsynth.store.funnel import Figures, Funnel, Passage
from asyncsynth.store.mark import TYPED, Extent, Mark, Reach
from asyncsynth.store.view import Draft, View, ViewChanged
from asyncsynth.store.view_check import WORTH_A_THREAD, ViewCheck

RECORDS, FAILURES = "records.jsonl", "failures.jsonl"
UNRENDERED = "record_template"  # the reason of a sample whose answer is there, but whose record can't be rendered
# How a record ends, and what stands once in what it tells of its answer: in no string of JSON is a bare quote.
_NO_FLAGS, _COST = b',"flags":[]}\n', b',"cost_usd":'
FIRST_LOOK = 4 << 20  # bytes of a file by which a loader decides on its columns' types; pyarrow's takes 10 MB


class Lines(Struct, frozen=True, gc=False):
    """Lines for the views; `unrendered` failures are no dead letters: their answer is there.

    `passages`: what is counted with them, of recipes whose answers are looked at.
    """

    records: Sequence[bytes] = ()
    failures: Sequence[bytes] = ()
    unrendered: int = 0
    passages: Sequence[Passage] = ()


class Types:
    """Where the records first show the types of the fields that may be null or empty at first."""

    def __init__(self, places: Iterable[int] = (-1,) * len(TYPED)) -> None:
        self.places = list(places)

    def see(self, records: Iterable[bytes], place: int) -> None:
        """Lines of which the first one begins at `place`."""
        priced = self.places[0] >= 0
        for line in records:
            # Most records show no type that others have not shown before.
            if not (priced and line.endswith(_NO_FLAGS)) and not self.complete:
                self._look(line, place)
                priced = self.places[0] >= 0
            place += len(line)

    def _look(self, line: bytes, place: int) -> None:
        cost = line.rfind(_COST)
        if cost < 0:
            return  # no record: somebody changed the file, which its checksum tells
        for number, shown in enumerate(
            (not line.startswith(b"null", cost + len(_COST)), not line.endswith(_NO_FLAGS)),
        ):
            if shown and self.places[number] < 0:
                self.places[number] = place

    @property
    def complete(self) -> bool:
        return -1 not in self.places

    @property
    def late(self) -> list[int]:
        """Places that a loader does not see at its first look."""
        return sorted({place for place in self.places if place > FIRST_LOOK})


class Views:
    """Both views, as the recipe of this fingerprint and order makes them.

    `note` puts their mark into the manifest. `up_to_date`: whether they hold all that there is, not only what `known`
    says.
    """

    def __init__(self, files: Files, directory: Path, mark: Mark, note: Callable[[], None]) -> None:
        self.known = mark
        self._files = files
        self._check: ViewCheck | None = None
        self.up_to_date = False
        self.records = View(files, directory / RECORDS, mark.records)
        try:
            self.failures = View(files, directory / FAILURES, mark.failures)
        except BaseException:
            self.records.close()
            raise
        self._note = note
        self.reach: Callable[[], Reach] = lambda: mark.reach  # as a Mark tells it, now
        self.unrendered = mark.unrendered
        self._types = Types(mark.typed)
        self._funnel = Funnel(mark.funnel)

    @property
    def healthy(self) -> bool:
        return self.records.healthy and self.failures.healthy

    @property
    def funnel(self) -> Figures:
        """What became of the answers of each step."""
        return self._funnel.figures

    def mark(self, answers: int, dead: int) -> Mark:
        """What they are known to hold; there are so many bytes of answers.jsonl, and so many `dead` lines."""
        if self.up_to_date and self.healthy:
            self.known = replace(self.known,
                answers=answers, records=self.records.extent, failures=self.failures.extent,
                unrendered=self.unrendered, dead=dead, typed=tuple(self._types.places), funnel=self.funnel,
                reach=self.reach(),
            )  # fmt: skip
        return self.known

    def hold(self) -> bool:
        """Whether both files begin with what is known of them."""
        return self.records.holds() and self.failures.holds()

    def may_hold(self) -> bool:
        """The same of small files; large ones need be long enough only, and `found_changed` tells the rest later."""
        if self.records.extent.size + self.failures.extent.size < WORTH_A_THREAD:
            return self.hold()
        if not (self.records.is_whole and self.failures.is_whole):
            return False
        self._check = ViewCheck(self._files, [(view.path, view.extent) for view in (self.records, self.failures)])
        return True

    @property
    def being_checked(self) -> bool:
        """Whether `found_changed` knows, or will know, anything."""
        return self._check is not None

    def found_changed(self) -> bool:
        """Whether somebody had changed what `may_hold` let pass; waits for it, but not after `give_up_checking`."""
        return self._check is not None and self._check.result() is False

    def give_up_checking(self) -> None:
        """Leaves what is not known yet to the next run, whose checksums will differ as well."""
        if self._check is not None:
            self._check.give_up()

    def cut(self) -> None:
        """Cuts off what was written after the last note."""
        self.records.cut()
        self.failures.cut()

    def append(self, brought: Sequence[Lines]) -> None:
        """Raises StoreWriteFailed."""
        records = [line for lines in brought for line in lines.records]
        failures = [line for lines in brought for line in lines.failures]
        self._funnel.add(chain.from_iterable([lines.passages for lines in brought]))
        self._types.see(records, self.records.extent.size)
        if records:
            self.records.append(records)
        if failures:
            self.unrendered += sum(lines.unrendered for lines in brought)
            self.failures.append(failures)

    def make_anew(self, brought: Iterable[Sequence[Lines]], *, recipe: str, order: str) -> None:
        """Replaces both files by what all that is there brings, in flat memory. Raises StoreWriteFailed."""
        self._end_check()
        before = self.unrendered, self._types, self._funnel
        self.unrendered, self._types, self._funnel = 0, Types(), Funnel()
        try:
            with self.records.draft() as records, self.failures.draft() as failures:
                for piece in brought:
                    self._count(piece, records.extent.size)
                    records.add(line for lines in piece for line in lines.records)
                    failures.add(line for lines in piece for line in lines.failures)
                drafts = (records, failures)
                if any(draft.extent.size for draft in drafts) or not (self.records.is_empty and self.failures.is_empty):
                    self._take(records, failures, Mark(recipe, order))
                else:  # a new directory: the first call waits for no disk where there is nothing to replace
                    self.known = Mark(recipe, order)
                    self.records.extent = self.failures.extent = Extent()
            self.up_to_date = True
        except BaseException:
            self.unrendered, self._types, self._funnel = before
            raise

    def leave_out(self, keys: frozenset[str]) -> bool:
        """Copies both files without the lines of these keys; False where they don't hold what is known of them."""
        self._end_check()
        gone = {key.encode() for key in keys}
        unrendered, types = 0, Types()
        try:
            with self.records.draft() as records, self.failures.draft() as failures:
                records.add(_typing(types, _without(self.records, gone)))
                for line in _without(self.failures, gone):
                    unrendered += (decode(line) or {}).get("reason") == UNRENDERED
                    failures.add([line])
                self.unrendered, self._types = unrendered, types
                self._take(records, failures, self.known)
        except ViewChanged:
            self.doubt()
            return False
        return True

    def show_types_first(self) -> None:
        """Moves the records that first show a column's type to the head, so that a loader sees all types at once."""
        places = self._types.late
        if not places or not self.healthy:
            return
        self._end_check()  # its file is about to be replaced
        types = Types()
        try:
            heads = [line for place, line in self.records.lines() if place in places]
            with self.records.draft() as records:
                rest = (line for place, line in self.records.lines() if place not in places)
                records.add(_typing(types, chain(heads, rest)))
                self._types = types
                self._take(records, None, self.known)
        except ViewChanged:
            self.doubt()

    def close(self) -> None:
        self._end_check()
        self.records.close()
        self.failures.close()

    def _end_check(self) -> None:
        if self._check is not None:
            self._check.stop()
            self._check = None

    def _take(self, records: Draft, failures: Draft | None, known: Mark) -> None:
        """The drafts become the files. A kill amid that leaves a note that they are in doubt."""
        up_to_date = self.up_to_date
        self.doubt()
        self.records.take(records)
        if failures is not None:
            self.failures.take(failures)
        self.known = replace(known,
            records=self.records.extent, failures=self.failures.extent, unrendered=self.unrendered,
            typed=tuple(self._types.places), funnel=self.funnel,
        )  # fmt: skip
        self.up_to_date = up_to_date

    def doubt(self) -> None:
        """Notes that nothing is known of the files: the next run makes them anew."""
        self.known, self.up_to_date = Mark(), False
        self._note()

    def _count(self, brought: Sequence[Lines], place: int) -> None:
        """Counts what the lines bring to the files; the records will begin at `place`."""
        self.unrendered += sum(lines.unrendered for lines in brought)
        self._funnel.add(passage for lines in brought for passage in lines.passages)
        self._types.see((record for lines in brought for record in lines.records), place)


def _without(view: View, keys: set[bytes]) -> Iterator[bytes]:
    return (line for _, line in view.lines() if line[KEY_IN_LINE] not in keys)


def _typing(types: Types, lines: Iterable[bytes]) -> Iterator[bytes]:
    """The lines, whose types are noted on their way."""
    place = 0
    for line in lines:
        types.see((line,), place)
        place += len(line)
        yield line
