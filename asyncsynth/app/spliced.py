"""The short way of an export: where little has to be known of the records, their texts go over as they stand."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter

from asyncsynth.app.choice import Choice, Record, remembering
from asyncsynth.config.record import FACT_NAMES
from asyncsynth.outputs.examples import Kind
from asyncsynth.outputs.formats import RowOf
from asyncsynth.outputs.lines import Lines, line_of, without_breaks
from asyncsynth.outputs.spliced import Splice, splice_of
from asyncsynth.store.encoding import decode
from asyncsynth.store.record_texts import expression

Found = tuple[bytes, ...]  # of one line
_UNREAD = itemgetter(-1)


class Splicer:
    """Makes the lines that `row_of` makes of the records that are taken.

    `choice` may ask for what keys or combinations tell, and for what no text lacks that goes over unread. The head of a
    record is its key, and `with_combinations` that as well.
    """

    def __init__(
        self, splice: Splice, axes: Iterable[str], choice: Choice, row_of: RowOf, *, with_combinations: bool
    ) -> None:
        self._with_combinations = with_combinations
        self._find: Callable[[bytes], list[Found]] = re.compile(expression(axes, splice.texts)).findall
        self._fill, self._chosen = splice.form.__mod__, splice.chosen
        self._choice, self._row_of = choice, row_of

    def lines(self, piece: bytes) -> Iterator[tuple[Record, bytes]]:
        """Of the lines of these records, each with its record, of which most have nothing but their head."""
        fill, chosen = self._fill, self._chosen
        for record, found in self.heads(piece):
            yield record, line_of(self._row_of(record)) if found[-1] else without_breaks(fill(chosen(found)))

    def heads(self, piece: bytes) -> Iterator[tuple[Record, Found]]:
        """The same records, each with what was found in its line."""
        takes = self._choice.takes_head if self._choice.asks_for_heads else None
        for each in self._find(piece):
            if unread := each[-1]:
                if (record := decode(unread)) is not None and self._choice.takes(record):
                    yield record, each
            elif takes is None or takes(each[0], each[1]):
                head: Record = {"key": each[0].decode()}
                if self._with_combinations:
                    head["combination"] = _combination(each[1])
                yield head, each

    def joined(self, piece: bytes) -> tuple[bytes, int]:
        """All lines together, and how many there are, where the choice asks for nothing of the heads."""
        found = self._find(piece)
        if any(map(_UNREAD, found)):
            lines: Sequence[bytes] = [line for _, line in self.lines(piece)]
        else:
            lines = list(map(self._fill, map(self._chosen, found)))
        return without_breaks(b"".join(lines)), len(lines)


_combination = remembering(decode)


def splicer_for(
    first: Record, kind: Kind, choice: Choice, row_of: RowOf, *, joins: bool, with_combinations: bool = False
) -> Splicer | None:
    """For records like the first one; None where all have to be read."""
    splice = splice_of(row_of, [name for name in first if name not in FACT_NAMES], kind, joins=joins)
    if splice is None:
        return None
    return Splicer(splice, first["combination"], choice, row_of, with_combinations=with_combinations)


def write_joined(pieces: Iterable[bytes], splicer: Splicer, split: str, writer: Lines) -> dict[str, int]:
    """All lines into one split; how many it got."""
    examples = 0
    with contextlib.closing(writer):
        for piece in pieces:
            lines, number = splicer.joined(piece)
            writer.add(split, lines)
            examples += number
        writer.finish()
    return {split: examples} if examples else {}


def write_spliced(
    pieces: Iterable[bytes], splicer: Splicer, split_of: Callable[[Record], str], writer: Lines
) -> dict[str, int]:
    """How many rows each split got."""
    examples: dict[str, int] = {}
    with contextlib.closing(writer):
        for piece in pieces:
            lines: dict[str, list[bytes]] = {}
            for record, line in splicer.lines(piece):
                lines.setdefault(split_of(record), []).append(line)
            for split, those in lines.items():
                writer.add(split, b"".join(those))
                examples[split] = examples.get(split, 0) + len(those)
        writer.finish()
    return examples
