from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from asyncsynth.store import manifest
from asyncsynth.store.manifest import BEGIN, calls_head, parse
from asyncsynth.store.mark import Mark
from asyncsynth.store.sealed import seal
from asyncsynth.store.state import State
from asyncsynth.values import Billing, Call, Failed, GivenUp

SUMS = {"prompt_tokens": 1, "completion_tokens": 1, "cost": 1, "unknown": 0}
CALLS = [Call("a", 0, 1, 5.5, 300, 700), Call("b", 1, 2, 4.0, 200, None)]


def run(facts: dict[str, object]) -> manifest.Line:
    return manifest.run(1, 2.0, recipe="r", order="o", facts=facts)


def test_lines_that_are_written_are_understood(failed: Callable[..., Failed], given_up: Callable[..., GivenUp]) -> None:
    lines = [
        manifest.header(1.0), run({"axes": {"n": [1]}}), manifest.run_end(1, 3.0, "complete"), manifest.calls(CALLS),
        manifest.lost(CALLS), manifest.fault(failed(1)), manifest.dead(given_up(1)), manifest.retry(["a"]),
        manifest.drop(1, ["a"], SUMS), manifest.cursor("o", 5), Mark("r", "o", 5).line(),
    ]  # fmt: skip
    for line in lines:
        sealed = seal(line)
        assert sealed.startswith(BEGIN)
        read = parse(sealed[:-1])
        assert read is not None
        assert read.pop("crc")
        assert read == json.loads(json.dumps(line))


def test_the_calls_of_a_batch_are_one_line_whose_beginning_tells_the_most() -> None:
    line = seal(manifest.calls(CALLS))[:-1]
    assert calls_head(line) == (2, 5.5)
    assert calls_head(line.replace(b"300", b"301")) is None
    assert calls_head(seal(manifest.lost(CALLS))[:-1]) is None
    assert [Call(*call) for call in (parse(line) or {})["calls"]] == CALLS


def test_integers_of_any_length_in_a_recipe_s_facts_are_exact() -> None:
    read = parse(seal(run({"seed": 2**70, "axes": [-(2**64), 0.1]}))[:-1])
    assert read is not None
    assert read["facts"] == {"seed": 2**70, "axes": [-(2**64), 0.1]}


def test_a_reply_that_may_have_been_billed_is_kept(failed: Callable[..., Failed]) -> None:
    line = manifest.fault(failed(2, Billing.YES, 90, body=b"\xffraw answer"))
    assert (line["billed"], line["cost"], line["completion_tokens"]) == ("yes", 90, 7)
    assert line["raw"] == "\ufffdraw answer"
    assert "raw" not in manifest.fault(failed(2, Billing.NO, 0, body=b"nothing"))


@pytest.mark.parametrize(
    "line",
    [{"type": "unheard of"}, {"type": ["calls"]}, {"type": "fault", "key": "k"}, {"type": "run", "id": 1, "at": 2},
     {"kind": "header"}],
)  # fmt: skip
def test_what_is_no_line_of_a_manifest_is_none(line: dict[str, object]) -> None:
    assert parse(seal(line)[:-1]) is None


@pytest.mark.parametrize("line", [b"", b"{}", b"[]", b"\0", b'{"type":"retry","keys":[]}'])
def test_what_was_not_sealed_is_none(line: bytes) -> None:
    assert parse(line) is None


@pytest.mark.parametrize(
    "line",
    [
        {"type": "header", "schema": "one"},
        {"type": "run", "id": 1, "at": 2.0, "facts": None},
        {"type": "answers", "run": 1, "offset": 0, "length": 9, "checksum": 1, **SUMS, "keys": ["not hex"]},
        {"type": "answers", "run": 1, "offset": 0, "length": 9, "checksum": 1, **SUMS, "keys": ["ab"]},
        {"type": "drop", "keys": ["k"]},
        {"type": "dead", "key": "k", "generation": 0, "combination": 5, "repeat": 0, "reason": "r", "message": "m",
         "attempts": 1, "status": None, "created": "c"},
        {"type": "retry", "keys": 5},
        {"type": "views", "recipe": "r"},
    ],
)  # fmt: skip
def test_a_line_that_makes_no_sense_changes_nothing(line: dict[str, object]) -> None:
    state = State()
    assert not state.apply(line)
    assert state.totals() == State().totals()
    assert (len(state.answered), state.dead, len(state.places), state.schema) == (0, {}, 0, None)
    assert (state.views, state.generations) == (Mark(), {})
