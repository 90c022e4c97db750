"""Lines of records whose every part is known for each value of an axis: put together, and nothing is encoded again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from msgspec import Struct

from asyncsynth.store.answers import BEGIN, AnswerParts
from asyncsynth.store.encoding import encode_strictly
from asyncsynth.values import AxisCells, Cells, DialogueCells, DrawnCells, RecordCells

Row = tuple[Any, ...]
_Filled = Callable[[bytes, Row, bytes], bytes]  # from a key, a row and the answer's text as JSON


class _Drawn(Struct, frozen=True):
    """A place with one of several contents."""

    options: Sequence[Sequence[_Token]]
    draw: Callable[[str], int]


_TEXT = None  # the place of the answer's text
_Token = bytes | AxisCells | _Drawn | None


class RecordForm:
    """Makes the same lines as record_line; `cells` are what rows begin with. TypeError for cells that are no JSON."""

    def __init__(self, cells: RecordCells) -> None:
        self._combination, self._fields = list(_combination(cells)), list(_fields(cells))
        self.cells = [*_cells_in(self._combination), *_cells_in(self._fields)]

    def of_repeat(self, repeat: int) -> Callable[[bytes, Row, AnswerParts], bytes]:
        """What makes the line of a sample's record from its key, its row and its answer."""
        tokens = [b'"', *self._combination, b',"repeat":%d' % repeat, *self._fields, b","]
        filled, _ = _compiled(tokens, 0)

        def line(key: bytes, row: Row, answer: AnswerParts) -> bytes:
            text, told = answer
            return b"".join((BEGIN, key, *[part(key, row, text) for part in filled], told, b"}\n"))

        return line


def _combination(cells: RecordCells) -> Iterator[_Token]:
    yield b',"combination":{'
    for number, (name, values) in enumerate(cells.combination.items()):
        yield b"%b%b:" % (b"," if number else b"", encode_strictly(name))
        yield _encoded(values, encode_strictly)
    yield b"}"


def _fields(cells: RecordCells) -> Iterator[_Token]:
    for name, field in cells.fields.items():
        yield b",%b:" % encode_strictly(name)
        if isinstance(field, DrawnCells):
            yield _Drawn([list(_string(option)) for option in field.options], field.draw)
        elif isinstance(field, DialogueCells):
            yield from _dialogue(field)
        else:
            yield from _string(field)


def _dialogue(field: DialogueCells) -> Iterator[_Token]:
    for number, (role, content) in enumerate(field.turns):
        yield b'%b{"role":%b,"content":' % (b"," if number else b"[", encode_strictly(role))
        yield from _string(content)
        yield b"}"
    yield b"]"


def _string(cells: Cells | None) -> Iterator[_Token]:
    if cells is None:
        yield _TEXT
        return
    yield b'"'
    for part in cells:
        yield _inside(part) if isinstance(part, str) else _encoded(part, _inside)
    yield b'"'


def _inside(text: str) -> bytes:
    """A string as JSON without its quotes: every character stands for itself or has an escape of its own."""
    return encode_strictly(text)[1:-1]


def _encoded(cells: AxisCells, encode: Callable[[Any], bytes]) -> AxisCells:
    known = {id(cell): encode(cell) for cell in cells.cells}
    return AxisCells(cells.axis, [known[id(cell)] for cell in cells.cells])


def _cells_in(tokens: Iterable[_Token]) -> Iterator[AxisCells]:
    for token in tokens:
        if isinstance(token, AxisCells):
            yield token
        elif isinstance(token, _Drawn):
            for option in token.options:
                yield from _cells_in(option)


def _compiled(tokens: Iterable[_Token], first: int) -> tuple[list[_Filled], int]:
    """What fills the tokens in with a row whose cells for them begin at `first`, and where those end."""
    filled: list[_Filled] = []
    for plain, some in groupby(tokens, key=lambda token: isinstance(token, bytes | AxisCells)):
        if plain:
            part, first = _form(list(some), first)
            filled.append(part)
            continue
        for token in some:
            if isinstance(token, _Drawn):
                options = []
                for option in token.options:
                    parts, first = _compiled(option, first)
                    options.append(parts)
                filled.append(_one_of(options, token.draw))
            else:
                filled.append(lambda _, __, text: text)
    return filled, first


def _form(tokens: Sequence[_Token], first: int) -> tuple[_Filled, int]:
    form = b"".join(token.replace(b"%", b"%%") if isinstance(token, bytes) else b"%b" for token in tokens)
    last = first + sum(isinstance(token, AxisCells) for token in tokens)
    if first == last:
        same = form % ()
        return lambda _, __, ___: same, last
    return lambda _, row, __: form % row[first:last], last


def _one_of(options: Sequence[Sequence[_Filled]], draw: Callable[[str], int]) -> _Filled:
    return lambda key, row, text: b"".join([part(key, row, text) for part in options[draw(key.decode())]])
