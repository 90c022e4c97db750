from __future__ import annotations

from collections.abc import Callable

from asyncsynth.store import manifest
from asyncsynth.store.calls import OpenCalls, RecentCalls
from asyncsynth.store.manifest import Line
from asyncsynth.values import Call


def line(kind: str, call: Call) -> Line:
    return {"type": kind, "key": call.key, "keys": [call.key], "attempt": call.attempt}


def test_each_end_of_a_call_closes_it(call: Callable[..., Call]) -> None:
    for kind in ("fault", "dead", "answers", "drop"):
        calls = OpenCalls()
        calls.apply(manifest.calls([call(1), call(2, sent_at=999.0)]))
        calls.apply(line(kind, call(1)))
        assert calls.oldest_first() == [call(2, sent_at=999.0)], kind
    calls.apply(manifest.lost([call(2, sent_at=999.0)]))
    assert calls.oldest_first() == []


def test_a_fault_closes_its_own_attempt_and_what_ends_a_key_all_of_them(call: Callable[..., Call]) -> None:
    calls, attempts = OpenCalls(), [call(1, attempt=attempt) for attempt in (1, 2, 3)]
    calls.begin(attempts)
    calls.apply(line("fault", attempts[1]))
    assert calls.oldest_first() == [attempts[0], attempts[2]]
    calls.apply(line("answers", attempts[0]))
    assert calls.oldest_first() == []


def test_an_answer_leaves_the_attempts_before_its_own_open(call: Callable[..., Call]) -> None:
    calls, attempts = OpenCalls(), [call(1, attempt=attempt) for attempt in (1, 2)]
    calls.begin(attempts)
    calls.answered(call(1).key, 2)
    assert calls.oldest_first() == [attempts[0]]
    calls.answered(call(7).key, 1)
    assert calls.oldest_first() == [attempts[0]]


def test_ends_of_what_was_never_begun_change_nothing(call: Callable[..., Call]) -> None:
    calls = OpenCalls()
    calls.begin([call(1)])
    for kind in ("fault", "dead", "answers", "drop", "retry", "views"):
        calls.apply(line(kind, call(2)))
    assert calls.oldest_first() == [call(1)]


def test_recent_calls_are_few_and_sorted(call: Callable[..., Call]) -> None:
    recent = RecentCalls()
    calls = [call(number, sent_at=1000.0 + number / 100) for number in range(30_000)]  # 300 s
    for start in range(0, len(calls), 64):
        recent.add(calls[start : start + 64])
    assert recent.since(1290.0) == [(1000.0 + number / 100, 300, "") for number in range(29_000, 30_000)]
    assert len(recent.since(0.0)) < 20_000
