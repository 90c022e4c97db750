"""How the first texts of a record are found in its line, without reading anything else in it.

For `re`, on bytes that store/encoding wrote: there JSON has no blanks between its parts, and members keep their order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from asyncsynth.store.encoding import encode_strictly

# The short one takes a quote behind two backslashes for a part of the string as well, and then finds nothing that fits.
_STRING, _EXACT_STRING = rb'"[^"]*+(?:(?<=\\)"[^"]*+)*+"', rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_NO_STRING = rb"[\w.+-]++"
_TABLE = rb"\{(?:%b:(?:%b|%b),?)*+\}" % (_EXACT_STRING, _EXACT_STRING, _NO_STRING)  # of which none is in another
_VALUE = rb"(?:%b|%b|%b)" % (_STRING, _NO_STRING, _TABLE)


def expression(axes: Iterable[str], texts: Mapping[str, bytes]) -> bytes:
    """Of a line with its newline. The first groups are the record's key and its combination, those of the texts follow.

    The last group is the whole line of a record that must be read; then the others are empty. `axes`: the names in its
    combination. `texts`: for each of its first fields an expression of the JSON of a text, without its quotes.
    """
    combination = b",".join(_member(name, _VALUE) for name in axes)
    fields = b'",'.join(_member(name, b'"' + text) for name, text in texts.items())
    found = rb'\{"key":"([^"]++)","combination":(\{%b\}),"repeat":\d++,%b","[^\n]*+\n' % (combination, fields)
    return found + rb"|([^\n]*+\n)"


def _member(name: str, value: bytes) -> bytes:
    return re.escape(encode_strictly(name)) + b":" + value
