"""Whether texts made of the rows of a source tell all rows apart, in one look at each and little memory.

Of a million rows only hashes are kept: where all of them differ, the texts do. A text x that stands before the text L
in a template can be read off the rendered one unless the text of another row goes on as if x had ended there: it is x
and then L and more, or x and then a beginning of L. Such an x is looked for among the texts of the other rows.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct

from asyncsynth.recipe.pieces import Piece
from asyncsynth.recipe.sources.source import Source

LOOKED_AHEAD = 16  # characters of what follows
MAX_ENDS = 300_000  # places in texts at which another text could end; with more of them nothing is proven
_PARTS = 4  # of the hashes, of which one at a time is a set
_OFTEN = 4096  # rows between two looks at the clock


class Read(Struct, frozen=True):
    """A piece of a template that is to be read off its rendering; `follows` stands after it, "" where nothing does."""

    piece: Piece
    follows: str


class Unreadable(Exception):
    """The piece of this number can't be read."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def rows_differ(source: Source, reads: Sequence[Read], late: Callable[[], bool]) -> bool:
    """Whether the texts of these pieces, in the order of their template, are different for any two rows.

    Raises Unreadable for the first piece that can't be read off and is needed, TimeoutError where `late` says that it
    takes too long.
    """
    # Most often the first one is a name that no other row has.
    first = reads[:1]
    return _differ(_texts(source, first), first, late) or (
        len(reads) > 1 and _differ(_texts(source, reads), reads, late)
    )


def _texts(source: Source, reads: Sequence[Read]) -> Iterator[tuple[str, ...]]:
    """The texts of the pieces for every row."""
    if len(reads) == 1 and (field := reads[0].piece.field) is not None:
        texts = source.texts(field)
        if texts is not None:
            return zip(texts, strict=False)
    renders = [read.piece.render for read in reads]
    return (tuple([render(row) for render in renders]) for row in source)


def _differ(rows: Iterable[tuple[str, ...]], reads: Sequence[Read], late: Callable[[], bool]) -> bool:
    ends = [_Ends(read.follows[:LOOKED_AHEAD]) for read in reads]
    searched = [(number, end) for number, end in enumerate(ends) if end.follows]
    whole = array("q")
    for count, texts in enumerate(rows):
        whole.append(hash(texts))
        for number, end in searched:
            if not end.add(texts[number]):
                raise Unreadable(number)
        if count % _OFTEN == 0 and late():
            raise TimeoutError
    for number, end in searched:
        if end.among_texts():
            raise Unreadable(number)
    return _all_different(whole)


class _Ends:
    """Texts that stand before `follows`, and what of them would be an end of another text, as hashes."""

    def __init__(self, follows: str) -> None:
        self.follows = follows
        self._begun = tuple(follows[:length] for length in range(1, len(follows)))
        self._texts, self._ends = array("q"), set[int]()

    def add(self, text: str) -> bool:
        """False where there are too many ends."""
        self._texts.append(hash(text))
        if self.follows in text or text.endswith(self._begun):
            self._ends.update(map(hash, self._ends_of(text)))
        return len(self._ends) <= MAX_ENDS

    def among_texts(self) -> bool:
        """Whether one of the ends is a text of its own."""
        return bool(self._ends) and any(text in self._ends for text in self._texts)

    def _ends_of(self, text: str) -> Iterator[str]:
        at = text.find(self.follows)
        while at >= 0:
            yield text[:at]
            at = text.find(self.follows, at + 1)
        for begun in self._begun:
            if text.endswith(begun):
                yield text[: -len(begun)]


def _all_different(hashes: array[int]) -> bool:
    return sum(len({one for one in hashes if one % _PARTS == part}) for part in range(_PARTS)) == len(hashes)
