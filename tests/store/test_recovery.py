"""What the next open makes of files that a crash, or somebody else, left behind."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asyncsynth.errors import StoreDamaged, StoreWriteFailed
from asyncsynth.store.sealed import seal
from asyncsynth.store.snapshot import read_store
from asyncsynth.store.store import Store, open_store
from asyncsynth.store.writer import Writer
from asyncsynth.values import Answered, Billing, Call, Failed, GivenUp
from tests.engine.fake_recipe import FakeRecipe
from tests.engine.life import run
from tests.store.memory import HERE, Crash, MemoryFiles

SAMPLES = 6
TRUTH = ["answers.jsonl", "manifest.jsonl"]
Answering = Callable[..., Answered]


def opened(files: MemoryFiles, at: float = 2500.0) -> Store:
    return open_store(HERE, now=lambda: at, files=files)


async def at_once(work: Callable[[], None]) -> None:
    work()


async def write(store: Store, *steps: Call | Answered | Failed | GivenUp) -> None:
    """Each in a batch of its own."""
    writer = Writer(store, raw_log=False, sync=at_once)
    running = asyncio.create_task(writer.run())
    for step in steps:
        if isinstance(step, Call):
            writer.started(step)
        elif isinstance(step, Answered):
            writer.answered(step)
        elif isinstance(step, Failed):
            writer.failed(step)
        else:
            writer.given_up(step)
        await writer.written()
    await writer.close()
    await running


def directory_of(*steps: Call | Answered | Failed | GivenUp) -> MemoryFiles:
    files = MemoryFiles()
    with opened(files, 2000.0) as store:
        store.begin_run(recipe="r", order="o", facts={})
        asyncio.run(write(store, *steps))
    return files


@pytest.fixture
def full(answered: Answering) -> MemoryFiles:
    """A directory with SAMPLES answers."""
    return directory_of(*(answered(number) for number in range(SAMPLES)))


def lines_of(files: MemoryFiles, name: str) -> list[bytes]:
    return files[name].splitlines(keepends=True)


def objects(files: MemoryFiles, name: str = "manifest.jsonl") -> list[dict[str, Any]]:
    return [json.loads(line) for line in files[name].splitlines()]


# What a crash leaves behind one's lines: a part of the next one, or zeros, or nothing.
def torn(begin: bytes) -> st.SearchStrategy[bytes]:
    beginnings = st.integers(0, len(begin)).map(lambda length: begin[:length])
    zeros = st.integers(0, 5000).map(lambda count: b"\0" * count)
    more = st.binary(max_size=60).filter(lambda data: b"\n" not in data)
    return st.tuples(beginnings, zeros).map(b"".join) | more.map(lambda data: begin + data)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_promise_4_any_cut_with_any_torn_tail_keeps_every_whole_line(full: MemoryFiles, data: st.DataObject) -> None:
    files, name = full.after_kill(), data.draw(st.sampled_from(TRUTH))
    before, answers = files[name], files["answers.jsonl"]
    noted = len(answers)
    cut = data.draw(st.integers(0, len(before)))
    kept = before[: before.rfind(b"\n", 0, cut) + 1]
    tail = before[len(kept) : cut] or data.draw(torn(b'{"key":"' if name == "answers.jsonl" else b'{"type":"'))
    files[name] = kept + tail
    if name == "answers.jsonl":  # a power cut never loses what the manifest calls synced, so it goes as well
        del files.names[HERE / "manifest.jsonl"]
        noted = len(kept) + (len(tail) + 1 if before.startswith(kept + tail + b"\n") else 0)
    opened(files).close()
    assert files["answers.jsonl"] == answers[:noted]
    again = opened(files)
    assert (again.recovered, len(again.answered)) == ((), answers[:noted].count(b"\n"))
    again.close()


@pytest.mark.parametrize("name", TRUTH)
def test_a_torn_tail_is_saved_beside_earlier_ones(full: MemoryFiles, name: str) -> None:
    begin = lines_of(full, name)[0][:9]
    for tail in (begin + b"first", begin + b"second\0\0"):
        full[name] += tail
        store = opened(full)
        assert any(f"{name}.torn" in note for note in store.recovered)
        store.close()
    assert full[f"{name}.torn"] == begin + b"first" + begin + b"second\0\0"


@pytest.mark.parametrize("name", TRUTH)
@pytest.mark.parametrize("newline", [b"", b"\0\0", b"\x1a"])
def test_promise_4_a_last_line_without_its_newline_is_whole(
    answered: Answering, call: Callable[..., Call], name: str, newline: bytes
) -> None:
    files = directory_of(call(1), answered(1), call(2))
    lines = {each: lines_of(files, each) for each in TRUTH}
    if name == "answers.jsonl":  # a kill between the answer and its group's line
        files["manifest.jsonl"] = b"".join(line for line in lines["manifest.jsonl"] if b'"answers","run"' not in line)
    files[name] = files[name][:-1] + newline
    before = read_store(HERE, files=files)
    store = opened(files)
    assert f"the last line of {name} lacked its newline; it is there now" in store.recovered
    assert (len(store.answered), len(before.answered), [each.key for each in store.newly_lost]) == (1, 1, [call(2).key])
    store.close()
    assert lines_of(files, name)[: len(lines[name])][-1] == lines[name][-1] or name == "manifest.jsonl"
    again = opened(files)
    assert (again.recovered, again.newly_lost, len(again.answered)) == ((), (), 1)
    again.close()


def test_promise_4_the_newline_that_an_editor_took_from_the_last_answer_is_put_back(full: MemoryFiles) -> None:
    """The manifest has noted these answers with all their bytes."""
    whole = full["answers.jsonl"]
    full["answers.jsonl"] = whole[:-1]
    there = len(read_store(HERE, files=full).answered)
    store = opened(full)
    assert store.recovered == ("the last line of answers.jsonl lacked its newline; it is there now",)
    assert len(store.answered) == there == whole.count(b"\n")
    store.close()
    assert full["answers.jsonl"] == whole
    again = opened(full)
    assert again.recovered == ()
    again.close()


@pytest.mark.parametrize("cut", [2, 30])
def test_promise_4_answers_that_lack_more_than_their_newline_are_not_mended(full: MemoryFiles, cut: int) -> None:
    full["answers.jsonl"] = full["answers.jsonl"][:-cut]
    with pytest.raises(StoreDamaged, match="answers are missing"):
        opened(full)


@pytest.mark.parametrize("name", TRUTH)
@pytest.mark.parametrize("foreign", [b"\0" * 10 + b"\n", b"{}\n", b"hello\n", b'{"key":"1"}\n', b"hello"])
@pytest.mark.parametrize("place", [1, SAMPLES])
def test_promise_4_foreign_lines_are_refused_with_their_place_and_nothing_is_cut(
    full: MemoryFiles, name: str, foreign: bytes, place: int
) -> None:
    lines = lines_of(full, name)
    place = len(lines) if place == SAMPLES else place
    full[name] = b"".join(lines[:place]) + foreign + b"".join(lines[place:])
    before = {each: full[each] for each in TRUTH}
    for read in (opened, lambda files: read_store(HERE, files=files)):
        with pytest.raises(StoreDamaged) as refusal:
            read(full)
        offset = sum(map(len, lines[:place]))
        assert f"{name}: line {place + 1} (byte offset {offset})" in refusal.value.message
        assert "Nothing was changed" in refusal.value.hint
        assert {each: full[each] for each in TRUTH} == before


@pytest.mark.parametrize("name", TRUTH)
def test_promise_4_a_file_that_jq_has_rewritten_is_refused_and_left_as_it_is(full: MemoryFiles, name: str) -> None:
    full[name] = "".join(json.dumps(line, indent=2) + "\n" for line in objects(full, name)).encode()
    before = full[name]
    with pytest.raises(StoreDamaged, match="was not written by asyncsynth"):
        opened(full)
    assert full[name] == before


def test_answers_that_were_taken_out_or_moved_by_hand_are_noticed(full: MemoryFiles) -> None:
    lines = lines_of(full, "answers.jsonl")
    for changed in (lines[:2] + lines[3:], lines[1:] + lines[:1], lines[:4], []):
        full["answers.jsonl"] = b"".join(changed)
        with pytest.raises(StoreDamaged) as refusal:
            opened(full)
        assert "lines were put in, taken out or moved" in refusal.value.message or "missing" in refusal.value.message
        assert "remove manifest.jsonl" in refusal.value.hint


def test_answers_jsonl_that_is_gone_is_not_bought_again(full: MemoryFiles) -> None:
    del full.names[HERE / "answers.jsonl"]
    for read in (lambda files: read_store(HERE, files=files), opened):
        with pytest.raises(StoreDamaged):
            read(full)


def test_an_answer_that_is_there_twice_is_refused(full: MemoryFiles, answered: Answering) -> None:
    line = lines_of(full, "answers.jsonl")[3]
    full["answers.jsonl"] += line
    with pytest.raises(StoreDamaged, match=r"line 7 .*which has one already") as refusal:
        opened(full)
    assert "sed -i 7d" in refusal.value.hint
    full["answers.jsonl"] = full["answers.jsonl"][: -len(line)]
    opened(full).close()


def test_an_answer_from_before_its_drop_is_refused(full: MemoryFiles, key: Callable[[int], str]) -> None:
    with opened(full) as store:
        store.drop([key(3)])
    full["answers.jsonl"] += lines_of(full, "answers.jsonl")[3]
    with pytest.raises(StoreDamaged, match="which was dropped since"):
        opened(full)


def test_a_lost_manifest_is_made_anew_from_the_answers(full: MemoryFiles) -> None:
    before = read_store(HERE, files=full).totals
    del full.names[HERE / "manifest.jsonl"]
    store = opened(full)
    assert (len(store.answered), store.totals.answered) == (SAMPLES, before.answered)
    assert any("made anew from the answers" in note for note in store.recovered)
    assert store.begin_run(recipe="r", order="o", facts={}) == 2, "run 1 paid for these answers"
    store.close()
    assert opened(full).recovered == ()


@pytest.mark.parametrize("generations", [[0, 1], [0, 1, 2], [1], [0, 2]])
def test_a_lost_manifest_is_made_anew_with_the_drops_that_the_answers_tell_of(
    answered: Answering, key: Callable[[int], str], generations: list[int]
) -> None:
    """A later generation of an answer is there only because the one before was dropped."""
    files = directory_of(answered(0), answered(2))
    with opened(files) as store:
        for generation in range(3):
            if generation in generations:
                asyncio.run(write(store, answered(1, generation)))
            if generation < generations[-1]:
                store.drop([key(1)])
                if generation not in generations:
                    store.committer.note({**drop_of(key(1))})
    del files.names[HERE / "manifest.jsonl"]
    snapshot = read_store(HERE, files=files)
    store = opened(files)
    for there in (snapshot, store):
        assert (len(there.answered), there.generation(key(1))) == (3, generations[-1])
        assert (there.totals.answers, there.totals.dropped.calls) == (3, len(generations) - 1)
        assert there.totals.picodollars == 500 * (2 + len(generations))
    store.close()
    again = opened(files)
    assert (again.recovered, again.totals, len(again.answered)) == ((), store.totals, 3)
    assert again.drop([key(1)]) == 1
    assert again.generation(key(1)) == generations[-1] + 1
    again.close()


def drop_of(key: str) -> dict[str, Any]:
    return {
        "type": "drop",
        "run": 1,
        "prompt_tokens": 0,
        "completion_tokens": 0,
        "cost": 0,
        "unknown": 0,
        "keys": [key],
    }


def test_a_manifest_put_back_from_a_copy_learns_of_a_later_drop_from_the_answers(
    full: MemoryFiles, answered: Answering, key: Callable[[int], str]
) -> None:
    copy = full["manifest.jsonl"]
    with opened(full) as store:
        store.drop([key(3)])
        asyncio.run(write(store, answered(3, 1), answered(7)))
    full["manifest.jsonl"] = copy
    for _ in range(2):
        with opened(full) as store:
            assert (store.generation(key(3)), len(store.answered)) == (1, SAMPLES + 1)
            assert (store.totals.answers, store.totals.dropped.calls) == (SAMPLES + 1, 1)


@pytest.fixture
def first_fault_gone(answered: Answering, call: Callable[..., Call], failed: Callable[..., Failed]) -> MemoryFiles:
    """Both answers, of second attempts, reached the disk; of the manifest only what is before the first fault."""
    steps: list[Call | Answered | Failed | GivenUp] = []
    for number in (1, 2):
        steps += [call(number), failed(number, Billing.YES, 90), call(number, attempt=2), answered(number, attempts=2)]
    files = directory_of(*steps)
    files["manifest.jsonl"] = files["manifest.jsonl"][: files["manifest.jsonl"].index(b'{"type":"fault"')]
    return files.after_kill()


def test_promise_10_a_paid_attempt_whose_end_a_power_cut_took_is_lost_though_a_later_one_has_its_answer(
    first_fault_gone: MemoryFiles, call: Callable[..., Call]
) -> None:
    assert read_store(HERE, files=first_fault_gone).under_way == (call(1),)
    for _ in range(2):
        with opened(first_fault_gone) as store:
            assert store.lost == (call(1),)
            assert (store.totals.lost.picodollars, store.totals.answers) == (700, 2)


def test_promise_10_a_crash_while_recovering_lists_the_paid_attempt_too(
    first_fault_gone: MemoryFiles, call: Callable[..., Call]
) -> None:
    for crash_at in itertools.count():
        files = first_fault_gone.after_kill()
        files.crash_at = crash_at
        try:
            opened(files).close()
        except (Crash, StoreWriteFailed):
            with opened(files.after_kill()) as store:
                assert store.lost == (call(1),), crash_at
        else:
            assert crash_at > 10
            return


def test_the_manifest_never_knows_of_an_answer_before_it_is_synced() -> None:
    recipe, whole = FakeRecipe("abcdef"), MemoryFiles()
    run(HERE, recipe, files=whole)
    for crash_at in range(whole.calls):
        files = MemoryFiles(crash_at)
        with pytest.raises((Crash, StoreWriteFailed)):
            run(HERE, recipe, files=files)
        if HERE / "manifest.jsonl" in files.names:
            durable = files.names[HERE / "answers.jsonl"].durable
            whole_lines = files["manifest.jsonl"][: files["manifest.jsonl"].rfind(b"\n") + 1].splitlines()
            groups = [line for line in map(json.loads, whole_lines) if line["type"] == "answers"]
            assert all(line["offset"] + line["length"] <= len(durable) for line in groups), crash_at


def test_an_answer_is_as_it_was_sealed_or_refused(full: MemoryFiles, answered: Answering) -> None:
    """A line that no group covers yet has its own checksum."""
    full["manifest.jsonl"] = b"".join(
        line for line in lines_of(full, "manifest.jsonl") if b'"answers","run"' not in line
    )
    good = full["answers.jsonl"]
    full["answers.jsonl"] = good.replace(b"an outline", b"an Outline", 1)
    with pytest.raises(StoreDamaged, match="line 1"):
        opened(full)
    full["answers.jsonl"] = good
    with opened(full) as store:
        assert len(store.answered) == SAMPLES
    assert seal({name: value for name, value in objects(full, "answers.jsonl")[0].items() if name != "crc"}) in good
