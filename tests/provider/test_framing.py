"""Bodies with something around their JSON; what they mean for a call is in wires/test_parsing.py."""

from __future__ import annotations

import contextlib
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncsynth.provider.framing import read_framed
from asyncsynth.provider.json_reply import NotJson

TREE = {"a": [1, {"b": "data: [DONE] {"}], "c": "\u2028"}
JSON = json.dumps(TREE)


@pytest.mark.parametrize(
    ("body", "flag"),
    [
        (f"{JSON}\n\ndata: [DONE]\n\n", "trailing_text"),
        (f"{JSON}\ndata:[DONE]", "trailing_text"),
        (f"{JSON}[DONE]", "trailing_text"),
        (f"{JSON}\r\n\r\nevent: done\r\ndata: {{}}\r\n\r\n", "trailing_text"),
        (f"{JSON}\n: bye\n", "trailing_text"),
        (f"{JSON}\n</html>", "trailing_text"),
        (f"{JSON}\x00\x00", "trailing_text"),
        (f": WORKING\n\n: WORKING\n\n{JSON}", "comments"),
        (f":\n{JSON}", "comments"),
        (f"\r\n: keep-alive\r\n\r\nretry: 3000\r\nid: 7\r\n{JSON}\r\n", "comments"),
        (f"\ufeff: x\n{JSON}", "comments"),
        (f": x\n{json.dumps(TREE, indent=2)}", "comments"),
        (f"data: {JSON}\n\ndata: [DONE]\n\n", "event_stream"),
        (f"event: message\ndata: {JSON}\n\n", "event_stream"),
    ],
)
def test_what_stands_around_one_document_is_left_out_and_flagged(body: str, flag: str) -> None:
    framed = read_framed(body.encode())
    assert (framed.documents, framed.flags) == ((TREE,), (flag,))
    assert framed.ended == ("[DONE]" in body.replace('"data: [DONE] {"', ""))


@pytest.mark.parametrize("between", ["\n", "\n\n", "\r\n\r\n", "\n\n: ping\n\n", "\nid: 2\nevent: x\n"])
def test_the_events_of_a_stream_come_in_their_order(between: str) -> None:
    body = between.join(f"data: {json.dumps({'n': number})}" for number in range(3))
    assert read_framed(body.encode()).documents == ({"n": 0}, {"n": 1}, {"n": 2})


def test_a_document_a_line_is_a_stream_too() -> None:
    framed = read_framed(b'{"n": 0}\n{"n": 1}\n')
    assert (framed.documents, framed.flags) == (({"n": 0}, {"n": 1}), ("event_stream",))


def test_what_is_mended_within_is_flagged_as_well() -> None:
    framed = read_framed(rb": x" + b"\n" + rb'{"a": "\ud83d", "b": NaN}')
    assert framed.documents == ({"a": "\ufffd", "b": None},)
    assert framed.flags == ("not_finite", "lone_surrogate", "comments")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b": only a comment\n",
        b"data: [DONE]\n\n",
        b"upstream connect error",
        b'{"a": 1',
        b'data: {"a": 1',
        b'{"a": 1} HTTP/1.1 200 OK',
        b'{"a": 1} and then {',
        b'Warning: {"a": 1}',
        b"<html>{}</html>",
        b'{"a": 1}' + b"x" * 5000,
        b"[" * 100_000,
    ],
    ids=lambda body: repr(body[:30]),
)
def test_what_is_cut_off_or_not_for_certain_one_reply_is_refused(body: bytes) -> None:
    with pytest.raises(NotJson):
        read_framed(body)


@given(
    st.lists(
        st.sampled_from([b"data:", b" ", b"{", b"}", b'"a"', b":", b"1", b"\n", b"[DONE]", b"event:", b"\xff", b"["])
    )
)
def test_no_bytes_raise_anything_but_not_json(parts: list[bytes]) -> None:
    try:
        framed = read_framed(b"".join(parts))
    except NotJson:
        return
    assert framed.documents


def test_a_hostile_stream_is_read_in_time_that_grows_with_it() -> None:
    """A second look at what is left after each part of it takes a minute."""
    began = time.process_time()
    for body in (b"data:" * 200_000, b": \n" * 200_000, b"data: {}\n" * 100_000, b"{} " * 100_000):
        with contextlib.suppress(NotJson):
            read_framed(body)
    assert time.process_time() - began < 10
