from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncsynth.provider.json_reply import INT64, NotJson, read_json


@pytest.mark.parametrize(
    ("body", "tree", "flags"),
    [
        pytest.param(b'{"a": 1}', {"a": 1}, (), id="plain"),
        pytest.param(rb'{"a": "x\ud83d y"}', {"a": "x\ufffd y"}, ("lone_surrogate",), id="lone high surrogate"),
        pytest.param(rb'["\udc00"]', ["\ufffd"], ("lone_surrogate",), id="lone low surrogate"),
        pytest.param(rb'["\ud83d\ude00 \ud83d"]', ["\U0001f600 \ufffd"], ("lone_surrogate",), id="a pair stays whole"),
        pytest.param(b'["\xed\xa0\xbd"]', ["\ufffd\ufffd\ufffd"], ("invalid_utf8",), id="surrogate in UTF-8"),
        pytest.param(b'["caf\xe9"]', ["caf\ufffd"], ("invalid_utf8",), id="Latin-1"),
        pytest.param(b'\xef\xbb\xbf{"a": 1}', {"a": 1}, (), id="byte order mark"),
        pytest.param(b'{"a": NaN, "b": -Infinity}', {"a": None, "b": None}, ("not_finite",), id="NaN and infinity"),
        pytest.param(
            rb'{"n": 99999999999999999999999999, "t": "\ud83d"}',
            {"n": INT64, "t": "\ufffd"},
            ("huge_integer", "lone_surrogate"),
            id="huge integer beside a lone surrogate",
        ),
        pytest.param(
            b"[-" + b"9" * 5000 + b", NaN]", [-INT64, None], ("huge_integer", "not_finite"), id="5,000 digits"
        ),
    ],
)
def test_what_orjson_refuses_is_mended_and_flagged(body: bytes, tree: Any, flags: tuple[str, ...]) -> None:
    assert read_json(body) == (tree, flags)


@pytest.mark.parametrize(
    ("digits", "read", "flags"),
    [
        ("9" * 30, INT64, ("huge_integer",)),
        ("-" + "9" * 30, -INT64, ("huge_integer",)),
        (str(2**64), INT64, ("huge_integer",)),
        (str(-(2**63) - 1), -INT64, ("huge_integer",)),
        (str(2**64 - 1), 2**64 - 1, ()),
        (str(2**63), 2**63, ()),
        (str(-(2**63)), -(2**63), ()),
        ("1795342051", 1795342051, ()),
    ],
)
def test_an_integer_beyond_64_bits_is_flagged_and_no_other(digits: str, read: int, flags: tuple[str, ...]) -> None:
    body = b'{"created": ' + digits.encode() + b', "text": "kept"}'
    assert read_json(body) == ({"created": read, "text": "kept"}, flags)


def test_a_long_number_in_the_text_is_left_alone() -> None:
    text = "pi: 31415926535897932384626433832795028841971"
    assert read_json(b'{"text":"' + text.encode() + b'"}') == ({"text": text}, ())


@pytest.mark.parametrize("body", [b"", b"{", b"<html>", b'{"a": 1} trailing', b'{"a": "cut of', b"\xff\xfe{\x00}\x00"])
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(NotJson):
        read_json(body)


@pytest.mark.parametrize("depth", [900, 1_000, 1_100, 100_000])
def test_deep_nesting_is_read_or_refused_and_never_fatal(depth: int) -> None:
    for inside in (b"1", rb'"\ud83d"', b"NaN"):
        try:
            tree, _ = read_json(b"[" * depth + inside + b"]" * depth)
        except NotJson:
            continue
        assert isinstance(tree, list)


@given(st.binary(max_size=60))
def test_no_bytes_raise_anything_but_not_json(body: bytes) -> None:
    try:
        _, flags = read_json(body)
    except NotJson:
        return
    assert set(flags) <= {"lone_surrogate", "huge_integer", "invalid_utf8", "not_finite"}
