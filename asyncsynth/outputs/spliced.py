"""Lines of JSON made of texts as they stand in records: those that rows make as well, for a fraction of the time.

A text that is read and written again is what it was. It has to be read only where blanks count: it must not be blank,
and those at the end of a prompt may have to move. So `re` tells the texts that need not be read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from asyncsynth.outputs.examples import ANSWERS, Kind, Record, Row
from asyncsynth.outputs.lines import line_of

_GAP = re.compile(rb"\\u0000(\w+)\\u0000")
_BLANKS = rb"(?: |\\[nrt])*+"
# No blank for certain, as UTF-8 within JSON: of ASCII, quotes and dashes, kana with their marks, most other letters.
_SOLID = rb'(?:[!#-\[\]-~\xc3-\xe0\xe4-\xf4]|\\"|\xe2\x80[\x90-\xa7]|\xe3[\x81-\xbf])'
_BEGUN = rb"(?:[!#-\[\]-~]|%b%b)" % (_BLANKS, _SOLID)
# Quotes within a text follow a backslash.
_TEXT = rb'%b[^"]*+(?:(?<=\\)"[^"]*+)*+' % _BEGUN
# Behind what is no blank: none of the letters that escapes of blanks end with, or else no such escape.
_ENDED = (
    rb"(?:(?<=[!#-/:-\[\]-`g-mo-qsu-z{-~])|(?<![ \\])(?<!\\[nrtf])(?<!\\u....)(?<!\xc2[\x85\xa0])(?<!\xe1\x9a\x80)"
    rb"(?<!\xe2\x80[\x80-\x8a\xa8\xa9\xaf])(?<!\xe2\x81\x9f)(?<!\xe3\x80\x80))"
)
_TEXT_AND_BLANKS = rb'(%b(?:[^"]*+(?<=\\)")*+[^"]*)%b(%b)' % (_BEGUN, _ENDED, _BLANKS)


class Splice(NamedTuple):
    """`texts`: by name, in their order, the expressions of what is found. `chosen` of that fills the gaps of `form`.

    What is found has something else in its first two places.
    """

    texts: Mapping[str, bytes]
    chosen: Callable[[Sequence[bytes]], Any]
    form: bytes


def splice_of(row_of: Callable[[Record], Row], fields: Sequence[str], kind: Kind, *, joins: bool) -> Splice | None:
    """What makes the lines of the rows that `row_of` makes of records with these fields.

    None where the texts of an example don't come first. `joins`: blanks at the end of the prompt move to what follows.
    """
    names = fields[: 1 + len(ANSWERS[kind])]
    if kind is Kind.DIALOGUE or names[0] != "prompt" or {*names[1:]} != {*ANSWERS[kind]}:
        return None
    places = {name: [number] for number, name in enumerate(names, 2)}
    texts = dict.fromkeys(names, b"(%b)" % _TEXT)
    if joins:  # the blanks are behind the prompt, and go before every answer
        places = {name: [2] if name == "prompt" else [3, number] for number, name in enumerate(names, 3)}
        texts["prompt"] = _TEXT_AND_BLANKS
    line = line_of(row_of({name: f"\0{name}\0" for name in names})).replace(b"%", b"%%")
    chosen = itemgetter(*(place for name in _GAP.findall(line) for place in places[name.decode()]))
    return Splice(texts, chosen, _GAP.sub(lambda gap: b"%b" * len(places[gap[1].decode()]), line))
