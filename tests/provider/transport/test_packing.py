"""What comes packed although nobody asked is unpacked within the cap, or told by its name."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import pytest

from asyncsynth.provider.transport.contract import BodyCutOff, BodyTooLarge, UnknownPacking
from asyncsynth.provider.transport.packing import unpacked

BODY = b'{"text": "' + b"word " * 1000 + b'"}'
CAP = len(BODY)


def raw_deflate(body: bytes) -> bytes:
    packing = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packing.compress(body) + packing.flush()


def in_two_members(body: bytes) -> bytes:
    return gzip.compress(body[:100]) + gzip.compress(body[100:]) + b"\x00\x00"


PACKINGS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("X-GZIP", gzip.compress),
    "several members": ("gzip", in_two_members),
    "deflate": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
    "twice": ("deflate, gzip", lambda body: gzip.compress(zlib.compress(body))),
    "not at all": ("identity", lambda body: body),
}


@pytest.mark.parametrize(("name", "pack"), PACKINGS.values(), ids=PACKINGS)
def test_a_body_is_unpacked(name: str, pack: Callable[[bytes], bytes]) -> None:
    assert unpacked(pack(BODY), name, CAP) == BODY


@pytest.mark.parametrize("name", ["br", "zstd", "compress", "gzip, br", "\x1b[31m"])
def test_what_can_not_be_unpacked_is_named(name: str) -> None:
    with pytest.raises(UnknownPacking) as caught:
        unpacked(b"packed", name, CAP)
    assert name in str(caught.value)


@pytest.mark.parametrize(("name", "pack"), [PACKINGS["gzip"], PACKINGS["deflate"], PACKINGS["several members"]])
def test_no_more_is_unpacked_than_the_cap(name: str, pack: Callable[[bytes], bytes]) -> None:
    with pytest.raises(BodyTooLarge):
        unpacked(pack(BODY), name, CAP - 1)


@pytest.mark.parametrize("cut", [1, 5, 20])
def test_a_packed_body_that_ends_early_is_cut_off(cut: int) -> None:
    for pack in (gzip.compress, zlib.compress):
        with pytest.raises(BodyCutOff):
            unpacked(pack(BODY)[:-cut], "gzip", CAP)


def test_what_is_not_packed_as_it_says_is_cut_off() -> None:
    with pytest.raises(BodyCutOff):
        unpacked(BODY, "gzip", CAP)


def test_a_body_of_no_bytes_needs_no_unpacking() -> None:
    assert unpacked(b"", "gzip", CAP) == b""
