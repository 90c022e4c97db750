from __future__ import annotations

import pytest

from asyncsynth.store.encoding import encode
from asyncsynth.store.manifest import header, parse, retry, run
from asyncsynth.store.state import State


def test_lines_that_are_written_are_understood() -> None:
    for line in (header(1.0), run(1, 2.0, {"fingerprint": "f"}), retry(["a"])):
        assert parse(encode(line)) == line


@pytest.mark.parametrize(
    "line",
    [b"{}", b"[]", b'"header"', b'{"type":"unheard of"}', b'{"type":["call"]}', b'{"type":"call","key":"k"}', b"\0",
     b'{"type":"run","id":1,"at":2}'],
)  # fmt: skip
def test_what_is_no_line_of_a_manifest_is_none(line: bytes) -> None:
    assert parse(line) is None


@pytest.mark.parametrize(
    "line",
    [
        {"type": "header", "schema": "one"},
        {"type": "run", "id": 1, "at": 2.0, "facts": None},
        {"type": "records", "run": 1, "offset": 0, "length": 9, "checksum": 1, "prompt_tokens": 1,
         "completion_tokens": 1, "cost": 1, "unknown": 0, "keys": ["not hex"]},
        {"type": "drop", "key": "k", "generation": 1, "record": {"key": "k"}},
        {"type": "dead", "key": "k", "generation": 0, "combination": 5, "repeat": 0, "reason": "r", "message": "m",
         "attempts": 1, "status": None, "created": "c"},
        {"type": "retry", "keys": 5},
    ],
)  # fmt: skip
def test_a_line_that_makes_no_sense_changes_nothing(line: dict[str, object]) -> None:
    state = State()
    assert not state.apply(line)
    assert state.totals() == State().totals()
    assert (len(state.done), state.dead, len(state.places), state.schema) == (0, {}, 0, None)
