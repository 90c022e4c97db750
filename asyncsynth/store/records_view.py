"""Reads records.jsonl beside a run that may be appending to it: what was noted of it, and what came after."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from asyncsynth.store.encoding import decode
from asyncsynth.store.files import Files, doing
from asyncsynth.store.mark import Extent
from asyncsynth.store.scan import Source, read_pieces, read_whole
from asyncsynth.store.view_check import holds


class RecordsView:
    """The open file; `noted` is what is known of it, `answered` the keys that have their answer.

    `all_count`: no answer was dropped since it was noted, so every record up to there counts.
    """

    def __init__(
        self, files: Files, source: Source, noted: Extent, answered: Container[str], *, all_count: bool
    ) -> None:
        self._files, self._source, self._noted = files, source, noted
        self._answered, self._all_count = answered, all_count
        with doing("read", source.path):
            self._end = files.size(source.fd)

    def holds(self) -> bool:
        """Whether the file begins with what was noted; reads it to the end of that. Raises StoreWriteFailed."""
        return holds(self._files, self._source, self._noted)

    def pieces(self) -> Iterator[bytes]:
        """The records of answers that count, one or many at a time; the same each time, whatever is appended meanwhile.

        A line that was just being written is left out. Raises StoreWriteFailed.
        """
        certain = self._noted.size if self._all_count else 0
        with doing("read", self._source.path):
            yield from read_whole(self._files, self._source.fd, certain)
            for place, lines in read_pieces(self._files, self._source.fd, certain):
                yield from self._counting(lines, place)

    def _counting(self, lines: Sequence[bytes], place: int) -> Iterator[bytes]:
        """The records that count, of lines from a place in the file on."""
        for line in lines:
            end = place + len(line) + 1
            record = decode(line) if end <= self._end else None
            if record is not None and record.get("key") in self._answered:
                yield line + b"\n"
            place = end
