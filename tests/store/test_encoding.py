from __future__ import annotations

import json
from types import MappingProxyType

import pytest

from asyncsynth.store.encoding import decode, encode, timestamp


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("plain \u2028 \x85 \n text", "plain \u2028 \x85 \n text"),
        ("lone \ud83d surrogate", "lone \ufffd surrogate"),
        ("\udc00\ud800", "\ufffd\ufffd"),
        ("a pair \U0001f600", "a pair \U0001f600"),
        (2**70, 2**70),
        (MappingProxyType({"name": "India"}), {"name": "India"}),
    ],
)
def test_whatever_a_model_sends_becomes_one_line(value: object, kept: object) -> None:
    line = encode({"text": value, "more": "\ud800" if isinstance(value, int) else ""})
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert json.loads(line.decode("utf-8"))["text"] == kept


@pytest.mark.parametrize("line", [b"", b"[1]", b"1", b'{"a":', b"\0\0\0", b'{"a":"\xff"}', b'{"a":1}{'])
def test_what_is_no_object_is_none(line: bytes) -> None:
    assert decode(line) is None


def test_timestamps_are_utc_to_the_second() -> None:
    assert timestamp(1_795_000_051.999) == "2026-11-18T11:07:31Z"
