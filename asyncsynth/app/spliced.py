"""The short way of an export: where nothing has to be known of the records, their texts go over as they stand."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter

from asyncsynth.app.choice import Choice, Record
from asyncsynth.config.record import FACT_NAMES
from asyncsynth.outputs.examples import Kind
from asyncsynth.outputs.formats import RowOf
from asyncsynth.outputs.lines import Lines, line_of, without_breaks
from asyncsynth.outputs.shares import Shares
from asyncsynth.outputs.spliced import Splice, splice_of
from asyncsynth.store.encoding import decode
from asyncsynth.store.record_texts import expression

Found = tuple[bytes, ...]  # of one line
_UNREAD = itemgetter(-1)


class Splicer:
    """Makes the lines that `row_of` makes of the records that are taken."""

    def __init__(self, splice: Splice, axes: Iterable[str], choice: Choice, row_of: RowOf) -> None:
        self._find: Callable[[bytes], list[Found]] = re.compile(expression(axes, splice.texts)).findall
        self._fill, self._chosen = splice.form.__mod__, splice.chosen
        self._choice, self._row_of = choice, row_of

    def lines(self, piece: bytes) -> list[tuple[str, bytes]]:
        """Of the lines of these records, each with its key."""
        return list(self._each(self._find(piece)))

    def joined(self, piece: bytes) -> tuple[bytes, int]:
        """The same together, and how many there are."""
        found = self._find(piece)
        if any(map(_UNREAD, found)):
            lines: Sequence[bytes] = [line for _, line in self._each(found)]
        else:
            lines = list(map(self._fill, map(self._chosen, found)))
        return without_breaks(b"".join(lines)), len(lines)

    def _each(self, found: Iterable[Found]) -> Iterator[tuple[str, bytes]]:
        for each in found:
            if not (unread := _UNREAD(each)):
                yield each[0].decode(), without_breaks(self._fill(self._chosen(each)))
            elif (record := decode(unread)) is not None and self._choice.takes(record):
                yield record["key"], line_of(self._row_of(record))


def splicer_for(first: Record, kind: Kind, choice: Choice, row_of: RowOf, *, joins: bool) -> Splicer | None:
    """For records like the first one; None where all have to be read."""
    splice = splice_of(row_of, [name for name in first if name not in FACT_NAMES], kind, joins=joins)
    return None if splice is None else Splicer(splice, first["combination"], choice, row_of)


def write_spliced(pieces: Iterable[bytes], splicer: Splicer, shares: Shares, writer: Lines) -> dict[str, int]:
    """How many rows each split got."""
    examples = dict.fromkeys(shares.names, 0)
    with contextlib.closing(writer):
        for piece in pieces:
            if len(shares.names) == 1:
                lines, number = splicer.joined(piece)
                writer.add(shares.names[0], lines)
                examples[shares.names[0]] += number
                continue
            for key, line in splicer.lines(piece):
                split = shares.of(key)
                writer.add(split, line)
                examples[split] += 1
        writer.finish()
    return {split: number for split, number in examples.items() if number}
