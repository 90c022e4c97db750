"""A body is whole exactly where its framing says so, wherever its bytes are cut, and what follows it is handed on."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncsynth.provider.transport.bodies import MAX_LINE, MAX_TRAILERS, Body, Chunked, Counted, Endless
from asyncsynth.provider.transport.contract import BodyTooLarge, NotHttp

CAP = 1000


def taken(body: Body, data: bytes, cuts: list[int] | None = None) -> bytes | None:
    """What follows the body of these bytes, which come in pieces."""
    places = sorted({0, len(data), *(cut for cut in cuts or () if cut < len(data))})
    for start, end in itertools.pairwise(places):
        if (rest := body.take(data[start:end])) is not None:
            return rest + data[end:]
    return None


def chunks(pieces: list[bytes], *, end: bytes = b"0\r\n\r\n") -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + end


cuts = st.lists(st.integers(0, 200), max_size=8)
pieces = st.lists(st.binary(min_size=1, max_size=20), max_size=5)


@given(pieces=pieces, surplus=st.binary(max_size=20), cuts=cuts)
def test_a_body_in_chunks_ends_where_it_ends(pieces: list[bytes], surplus: bytes, cuts: list[int]) -> None:
    body = Chunked(CAP)
    assert taken(body, chunks(pieces) + surplus, cuts) == surplus
    assert body.whole == b"".join(pieces)


@given(data=st.binary(max_size=40), surplus=st.binary(max_size=20), cuts=cuts)
def test_a_body_with_a_length_ends_where_it_ends(data: bytes, surplus: bytes, cuts: list[int]) -> None:
    body = Counted(len(data), CAP)
    rest = taken(body, data + surplus, cuts) if data + surplus else body.take(b"")
    assert (rest, body.whole) == (surplus, data)


@given(pieces=pieces, cuts=cuts, missing=st.integers(1, 5))
def test_a_body_in_chunks_is_not_whole_before_its_last_line(pieces: list[bytes], cuts: list[int], missing: int) -> None:
    assert taken(Chunked(CAP), chunks(pieces)[:-missing], cuts) is None


def test_a_body_without_a_length_never_ends_by_itself() -> None:
    body = Endless(CAP)
    body.take(b"bo")
    body.take(b"dy")
    assert body.whole == b"body"


ALLOWED = {
    "extension": b"4;name=value\r\nbody\r\n0\r\n\r\n",
    "blanks behind the size": b"4  \r\nbody\r\n0 \r\n\r\n",
    "zeros before the size": b"0004\r\nbody\r\n000\r\n\r\n",
    "capital digits": b"4\r\nbody\r\n0\r\n\r\n",
    "line feeds alone": b"4\nbody\n0\n\n",
    "trailers": b"4\r\nbody\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n",
}


@pytest.mark.parametrize("data", ALLOWED.values(), ids=ALLOWED)
def test_what_servers_write_is_read_wherever_it_is_cut(data: bytes) -> None:
    for cut in range(len(data)):
        body = Chunked(CAP)
        assert taken(body, data + b"next", [cut, cut + 1]) == b"next"
        assert body.whole == b"body"


REFUSED = {
    "no size": b"\r\nbody\r\n",
    "no digits": b"zz\r\n",
    "prefix": b"0x4\r\nbody\r\n",
    "sign": b"+4\r\nbody\r\n",
    "negative": b"-1\r\n",
    "underscore": b"1_0\r\n",
    "more digits than any body has": b"1" * 17 + b"\r\n",
    "chunk longer than its size": b"4\r\nbodybody\r\n0\r\n\r\n",
    "chunk shorter than its size": b"9\r\nbody\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    "endless line": b"4;" + b"x" * MAX_LINE,
    "endless trailers": b"0\r\n" + b"x: y\r\n" * MAX_TRAILERS,
    "a reply in the place of trailers": b"4\r\nbody\r\n0\r\nHTTP/1.1 200 OK\r\nX: y\r\n\r\n",
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
def test_what_is_no_chunk_is_not_http(data: bytes) -> None:
    with pytest.raises(NotHttp):
        taken(Chunked(CAP), data)


@pytest.mark.parametrize("body", [Chunked(CAP), Endless(CAP)], ids=["chunks", "endless"])
def test_no_more_is_kept_than_the_cap(body: Body) -> None:
    data = chunks([b"x" * CAP])
    assert taken(Chunked(CAP), data) == b""
    with pytest.raises(BodyTooLarge):
        taken(body, chunks([b"x" * CAP, b"y"]))


def test_a_length_above_the_cap_is_refused_before_its_bytes_come() -> None:
    with pytest.raises(BodyTooLarge):
        Counted(CAP + 1, CAP)
