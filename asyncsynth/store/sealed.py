"""Lines of JSON that end with a checksum of what stands before it: {..., "crc": "5a1c9e02"}.

So a flipped bit is noticed in every single line of what is truth, and jq still reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zlib import crc32

from asyncsynth.store.encoding import encode

_SEAL = b',"crc":"%08x"}'
_END = _SEAL + b"\n"
SEAL_LENGTH = len(_SEAL % 0)


def seal(value: Mapping[str, Any]) -> bytes:
    """The line of an object that is not empty, with its checksum and its newline."""
    return seal_body(encode(value)[:-2])


def seal_body(body: bytes) -> bytes:
    """The same, of an object that is JSON already but for its closing brace."""
    return body + _END % crc32(body)


def intact(line: bytes) -> bool:
    """Whether a line, without its newline, is as it was sealed."""
    return line[-SEAL_LENGTH:] == _SEAL % crc32(line[:-SEAL_LENGTH])
