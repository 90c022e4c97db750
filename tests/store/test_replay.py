"""A replay that leaves most `calls` lines unparsed tells the same as one that applies line by line."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncsynth.errors import StoreDamaged, StoreError
from asyncsynth.store import manifest
from asyncsynth.store.files import APPEND, OsFiles
from asyncsynth.store.manifest import parse
from asyncsynth.store.mark import Extent, Mark
from asyncsynth.store.replay import Replay
from asyncsynth.store.scan import Source, Tail
from asyncsynth.store.sealed import seal
from asyncsynth.store.state import State
from asyncsynth.values import Call

KEYS = [f"{number:02x}" * 16 for number in range(5)]


def replayed(path: Path, data: bytes, calls_since: float = -math.inf) -> tuple[State, Tail]:
    path.write_bytes(data)
    files, state = OsFiles(), State()
    fd = files.open(path, APPEND)
    try:
        return state, Replay(files, Source(path, fd), state, calls_since).run()
    finally:
        files.close(fd)


def told(state: State) -> dict[str, Any]:
    """All that anybody can ask."""
    return {
        "totals": state.totals(),
        "runs": state.ledger.frozen_runs(),
        "open": state.calls.oldest_first(),
        "lost": state.lost,
        "recent": state.recent.since(0.0),
        "answered": sorted(state.answered),
        "dead": state.dead,
        "generations": state.generations,
        "cursor": (state.cursor, state.viewed),
        "views": (state.views, state.new_answers, state.new_dead, state.cleared),
        "places": [state.places[number] for number in range(len(state.places))],
    }


def line_of(step: tuple[str, int, int], number: int, state: State) -> list[manifest.Line]:
    """The lines of a step; `number` makes them different from the others."""
    kind, which, attempt = step
    key = KEYS[which]
    call = Call(key, 0, attempt, 1000.0 + number, 300, None if which == 0 else 700)
    other = Call(KEYS[(which + 1) % len(KEYS)], 0, attempt, 1000.5 + number, 300, 700)
    sums = {"prompt_tokens": 5, "completion_tokens": 7, "cost": 9, "unknown": 0}
    still_open = state.calls.oldest_first()
    at_an_end = [manifest.lost(still_open)] if still_open else []
    lines: dict[str, list[manifest.Line]] = {
        "calls": [manifest.calls([call])],
        "two calls": [manifest.calls([call, other])],
        "lost": [manifest.lost([call])],
        "fault": [{
            "type": "fault", "key": key, "generation": 0, "attempt": attempt, "at": 1.0, "reason": "refusal",
            "billed": ("no", "maybe", "yes")[attempt % 3], "cost": 4, "prompt_tokens": 1, "completion_tokens": 2,
        }],
        "answers": [{
            "type": "answers", "run": 1, "offset": number, "length": 1, "checksum": 0, **sums, "keys": [key],
        }],
        "dead": [{
            "type": "dead", "key": key, "generation": 0, "combination": {}, "repeat": 0, "reason": "refusal",
            "message": "", "attempts": attempt, "status": None, "created": "",
        }],
        "retry": [manifest.retry([key])],
        "drop": [manifest.drop(1, [key], sums)],
        "run": [*at_an_end, manifest.run(number + 1, 1.0, recipe="r", order="o", facts={})],
        "run_end": [*at_an_end, manifest.run_end(number, 1.0, "complete")],
        "cursor": [manifest.cursor("order", which)],
        "views": [Mark("r", "o", number, Extent(1, 2, 3), dead=which).line()],
    }  # fmt: skip
    return lines[kind]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["calls"] * 5 + ["two calls"] * 5 + ["fault"] * 3 + ["answers"] * 3)
        | st.sampled_from(["lost", "dead", "retry", "drop", "run", "run_end", "cursor", "views"]),
        st.integers(0, len(KEYS) - 1),
        st.integers(1, 3),
    ),
    max_size=40,
)


@given(STEPS, st.booleans())
def test_promise_10_an_open_knows_the_same_as_line_by_line(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int]], whole: bool
) -> None:
    plain, lines, there = State(), [], set[str]()
    for number, step in enumerate(steps):
        if step[0] == "answers":
            if KEYS[step[1]] in there:
                continue  # the writer refuses it
            there.add(KEYS[step[1]])
        elif step[0] == "drop":
            there.discard(KEYS[step[1]])
        for line in line_of(step, number, plain):
            lines.append(seal(line))
            assert plain.apply(parse(lines[-1][:-1]) or {})
    data = b"".join(lines)
    if whole and lines:
        state, tail = replayed(tmp_path_factory.getbasetemp() / "manifest.jsonl", data[:-1])
        assert tail == Tail(len(data) - len(lines[-1]), lines[-1][:-1])
    else:
        state, tail = replayed(tmp_path_factory.getbasetemp() / "manifest.jsonl", data + b'{"type":"calls"')
        assert tail == Tail(len(data))
    assert told(state) == told(plain)


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda line: line.replace(b'"calls":[', b'"c\0lls":['),
        lambda line: line[:60] + b"\0" * 30 + line[90:],
        lambda line: line[:-1],
        lambda line: line.replace(b",300,", b",301,"),
        lambda line: line.replace(b'"count":1', b'"count":2'),
    ],
)
def test_promise_3_a_calls_line_that_was_damaged_is_refused(
    tmp_path: Path, call: Callable[..., Call], spoilt: Callable[[bytes], bytes]
) -> None:
    first, line, last = (seal(manifest.calls([call(number)])) for number in (1, 2, 3))
    bad = spoilt(line[:-1]) + b"\n"
    for data in (first + bad + last, first + bad):
        with pytest.raises(StoreDamaged, match=rf"line 2 \(byte offset {len(first)}\)") as refusal:
            replayed(tmp_path / "manifest.jsonl", data)
        assert "made anew from answers.jsonl" in refusal.value.hint


def test_only_a_run_without_an_end_is_read_twice(tmp_path: Path, call: Callable[..., Call]) -> None:
    ended = [manifest.run(1, 1.0, recipe="", order="", facts={}), manifest.calls([call(1)])]
    ended += [manifest.lost([call(1)]), manifest.run_end(1, 2.0, "failed")]
    again = [manifest.run(2, 3.0, recipe="", order="", facts={}), manifest.calls([call(2), call(3)])]
    state, _ = replayed(tmp_path / "manifest.jsonl", b"".join(map(seal, [*ended, *again])))
    assert state.calls.oldest_first() == [call(2), call(3)]
    assert state.lost == [call(1)]
    assert [run.totals.calls for run in state.ledger.frozen_runs()] == [1, 2]


def test_the_calls_of_the_last_75_seconds_are_known_however_long_the_file(
    tmp_path: Path, call: Callable[..., Call]
) -> None:
    calls = [call(number, sent_at=1000.0 + number / 200) for number in range(30_000)]  # 150 s
    data = b"".join(seal(manifest.calls(calls[start : start + 50])) for start in range(0, len(calls), 50))
    data += seal(manifest.run_end(1, 1.0, "complete"))
    expected = [(one.sent_at, one.tokens, one.endpoint) for one in calls if one.sent_at >= 1075.0]
    for since in (-math.inf, 1075.0):
        state, _ = replayed(tmp_path / "manifest.jsonl", data, since)
        assert state.recent.since(1075.0) == expected
    much_later, _ = replayed(tmp_path / "manifest.jsonl", data, 5000.0)
    assert much_later.recent.since(0.0) == []


def test_a_manifest_of_a_later_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="another version"):
        replayed(tmp_path / "manifest.jsonl", seal({**manifest.header(1.0), "schema": manifest.SCHEMA + 1}))


def test_a_second_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreDamaged, match="line 2"):
        replayed(tmp_path / "manifest.jsonl", 2 * seal(manifest.header(1.0)))
