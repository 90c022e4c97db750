"""A replay that leaves most call lines unparsed tells the same as one that applies line by line."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncsynth.errors import StoreDamaged
from asyncsynth.store import manifest
from asyncsynth.store.encoding import encode
from asyncsynth.store.files import APPEND, OsFiles
from asyncsynth.store.journal import Source
from asyncsynth.store.manifest import parse
from asyncsynth.store.replay import Replay
from asyncsynth.store.state import State
from asyncsynth.values import Call

KEYS = [f"{number:02x}" * 16 for number in range(5)]
Build = Callable[..., Call]


def replayed(path: Path, data: bytes, calls_since: float = -math.inf) -> tuple[State, int]:
    path.write_bytes(data)
    files, state = OsFiles(), State()
    fd = files.open(path, APPEND)
    try:
        return state, Replay(Source(path, fd), state).run(files, calls_since)
    finally:
        files.close(fd)


def told(state: State) -> dict[str, Any]:
    """All that anybody can ask."""
    return {
        "totals": state.totals(),
        "runs": state.ledger.frozen_runs(),
        "open": state.open_calls(),
        "lost": state.lost,
        "recent": state.recent.since(0.0),
        "done": sorted(state.done),
        "dead": state.dead,
        "generations": state.generations,
        "cursor": state.cursor,
        "half_dropped": state.half_dropped,
        "places": [state.places[number] for number in range(len(state.places))],
    }


def line_of(step: tuple[str, int, int], number: int) -> dict[str, Any]:
    """The line of a step; `number` makes it different from the others."""
    kind, which, attempt = step
    key = KEYS[which]
    call = Call(key, 0, attempt, 1000.0 + number, 300, None if which == 0 else 700)
    sums = {"prompt_tokens": 5, "completion_tokens": 7, "cost": 9, "unknown": 0}
    record = {"key": key, "usage": sums, "cost_usd": None, "prompt": "p", "completion": "c", "attempts": attempt}
    lines: dict[str, dict[str, Any]] = {
        "call": manifest.call(call),
        "lost": manifest.call(call, "lost"),
        "fault": {
            "type": "fault", "key": key, "generation": 0, "attempt": attempt, "at": 1.0, "reason": "refusal",
            "billed": ("no", "maybe", "yes")[attempt % 3], "cost": 4, "prompt_tokens": 1, "completion_tokens": 2,
        },
        "records": {
            "type": "records", "run": 1, "offset": number, "length": 1, "checksum": 0, **sums, "keys": [key],
        },
        "dead": {
            "type": "dead", "key": key, "generation": 0, "combination": {}, "repeat": 0, "reason": "refusal",
            "message": "", "attempts": attempt, "status": None, "created": "",
        },
        "retry": manifest.retry([key]),
        "drop": manifest.drop(key, attempt, record),
        "rewritten": manifest.rewritten(1.0),
        "run": manifest.run(number + 1, 1.0, {}),
        "run_end": manifest.run_end(number, 1.0, "complete"),
        "cursor": manifest.cursor("order", which),
    }  # fmt: skip
    return lines[kind]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["call"] * 8 + ["fault"] * 3 + ["records"] * 3)
        | st.sampled_from(["lost", "dead", "retry", "drop", "rewritten", "run", "run_end", "cursor"]),
        st.integers(0, len(KEYS) - 1),
        st.integers(1, 3),
    ),
    max_size=40,
)


@given(STEPS)
def test_promise_10_an_open_knows_the_same_as_line_by_line(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int]]
) -> None:
    plain, lines, there = State(), [], set[str]()
    for number, step in enumerate(steps):
        if step[0] == "records":
            if KEYS[step[1]] in there:
                continue  # the writer refuses it
            there.add(KEYS[step[1]])
        elif step[0] == "drop":
            there.discard(KEYS[step[1]])
        elif step[0] == "rewritten":
            there.clear()
        lines.append(encode(line_of(step, number)))
        assert plain.apply(parse(lines[-1]) or {})
    data = b"".join(lines)
    state, end = replayed(tmp_path_factory.getbasetemp() / "manifest.jsonl", data + b'{"type":"call"')
    assert end == len(data)
    assert told(state) == told(plain)


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda line: line.replace(b'"tokens"', b'"tok\0ns"'),
        lambda line: line[:60] + b"\0" * 30 + line[90:],
        lambda line: line[:-1],
        lambda line: line.replace(b'"attempt":1', b'"attempt":'),
    ],
)
def test_promise_4_a_call_line_that_was_damaged_is_refused_and_at_the_end_cut_off(
    tmp_path: Path, call: Build, spoilt: Callable[[bytes], bytes]
) -> None:
    first, line, last = (encode(manifest.call(call(number))) for number in (1, 2, 3))
    bad = spoilt(line[:-1]) + b"\n"
    with pytest.raises(StoreDamaged):
        replayed(tmp_path / "manifest.jsonl", first + bad + last)
    if b'"attempt":,' not in bad:  # which no crash leaves at the end
        state, end = replayed(tmp_path / "manifest.jsonl", first + bad)
        assert (end, state.open_calls()) == (len(first), [call(1)])


@pytest.mark.parametrize("key", ["", "ab", "ab" * 17])
def test_a_call_whose_key_has_another_length_is_read_as_it_stands(tmp_path: Path, key: str) -> None:
    odd = Call(key, 0, 1, 1000.0, 300, 700)
    begun, ended = encode(manifest.call(odd)), encode({**line_of(("fault", 0, 1), 0), "key": key})
    assert replayed(tmp_path / "manifest.jsonl", begun)[0].open_calls() == [odd]
    assert replayed(tmp_path / "manifest.jsonl", begun + ended)[0].open_calls() == []


def test_the_calls_of_the_last_75_seconds_are_known_however_long_the_file(tmp_path: Path, call: Build) -> None:
    calls = [call(number, sent_at=1000.0 + number / 200) for number in range(30_000)]  # 150 s in four megabytes
    data = b"".join(encode(manifest.call(one)) for one in calls)
    expected = [(one.sent_at, one.tokens) for one in calls if one.sent_at >= 1075.0]
    for since in (-math.inf, 1075.0):
        state, _ = replayed(tmp_path / "manifest.jsonl", data, since)
        assert state.recent.since(1075.0) == expected
    much_later, _ = replayed(tmp_path / "manifest.jsonl", data, 5000.0)
    assert much_later.recent.since(5000.0) == []
    assert len(much_later.recent.since(0.0)) < 10_000, "what is too old is not read again"
