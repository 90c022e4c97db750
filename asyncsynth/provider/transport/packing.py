"""Bodies that come packed although nobody asked for that: gzip and deflate are unpacked, anything else is told."""

from __future__ import annotations

import zlib

from asyncsynth.provider.transport.contract import BodyCutOff, BodyTooLarge, UnknownPacking

_GZIP = ("gzip", "x-gzip")
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS  # what some servers send as "deflate"


def unpacked(body: bytes, content_encoding: str, max_body: int) -> bytes:
    """`body` without its packings; raises UnknownPacking, BodyCutOff, and BodyTooLarge beyond `max_body` bytes."""
    for name in reversed(content_encoding.lower().split(",")):
        packing = name.strip()
        if packing in ("", "identity"):
            continue
        if packing not in (*_GZIP, "deflate"):
            raise UnknownPacking(f"content-encoding: {content_encoding}")
        try:
            body = _inflated(body, max_body)
        except zlib.error as error:
            raise BodyCutOff(f"the {packing} body can't be unpacked: {error}") from error
    return body


def _inflated(packed: bytes, max_body: int) -> bytes:
    """All members of `packed`, one after the other."""
    pieces: list[bytes] = []
    left = max_body
    while packed:
        is_raw = packed[0] & 0x0F != zlib.DEFLATED and packed[:2] != b"\x1f\x8b"
        inflating = zlib.decompressobj(_RAW if is_raw else _GZIP_OR_ZLIB)
        pieces.append(inflating.decompress(packed, left + 1))
        left -= len(pieces[-1])
        if left < 0:
            raise BodyTooLarge
        if not inflating.eof:
            raise BodyCutOff("the packed body ends early")
        packed = inflating.unused_data.lstrip(b"\x00")  # gzip may be padded
    return b"".join(pieces)
