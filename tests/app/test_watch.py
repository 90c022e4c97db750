"""A run that repeats itself is seen while it works, and stopped where the config says so."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from asyncsynth.app.job import Job
from asyncsynth.app.newest import newest
from asyncsynth.app.outside import Outside
from asyncsynth.app.run import Outcome, open_run
from asyncsynth.app.status import status
from asyncsynth.app.target import Target
from asyncsynth.app.watch import Watch
from asyncsynth.errors import Collapsed, ConfigError
from asyncsynth.quality.coverage import Coverage
from asyncsynth.values import Answer, Reply, Request, Usage
from tests import virtual_clock
from tests.app.jobs import Ears, job


class Writing:
    """An endpoint that says the same in the same words for a share of its answers."""

    def __init__(self, same: float) -> None:
        self._same, self._rng, self._told = same, random.Random(1), 0

    async def send(self, request: Request) -> Reply:
        await asyncio.sleep(1.0)
        if request.step == "story":
            return Reply(Answer("The end of it was as always. " * 10, "stop", Usage(40, 60), "m", b"{}"), b"{}", 1.0)
        words = (f"w{self._rng.randrange(5_000)}" for _ in range(100))
        before = int(self._told * self._same)
        self._told += 1
        again = int(self._told * self._same) > before
        text = "Once upon a time there was nothing new. " * 10 if again else " ".join(words)
        return Reply(Answer(text, "stop", Usage(40, 60), "m", b"{}"), b"{}", 1.0)


def make(work: Job, same: float) -> Outcome:
    """A run to its end, or to a collapse."""

    @asynccontextmanager
    async def opened(target: Target, calls: int, *, keep_truncated: bool) -> AsyncIterator[Writing]:
        yield Writing(same)

    async def at_once(sync: Callable[[], None]) -> None:
        sync()

    async def main() -> Outcome:
        loop = asyncio.get_running_loop()
        outside = Outside(now=lambda: 1000.0 + loop.time(), rng=random.Random(1), sync=at_once, endpoint=opened)
        with open_run(work, outside=outside) as run:
            try:
                await run.make(Ears(), loop.time)
            finally:
                outcomes.append(run.outcome())
        return outcomes[0]

    outcomes = list[Outcome]()
    return virtual_clock.run(main)


def work(directory: Path, **over: Any) -> Job:
    return job(directory, axes={"genre": [f"g{n}" for n in range(700)], "mood": ["calm"]}, **over)


def test_a_third_that_is_the_same_is_seen_as_a_third(tmp_path: Path) -> None:
    outcome = make(work(tmp_path), 1 / 3)
    assert outcome.newest is not None
    found = outcome.newest.collapse
    assert found.near_duplicates == pytest.approx(1 / 3, abs=0.02)
    assert (found.texts, found.opening.words) == (500, "once upon a")
    assert newest(tmp_path) == outcome.newest, "status says what the run said"


def test_how_answers_ended_and_what_they_are_about_is_told(tmp_path: Path) -> None:
    outcome = make(work(tmp_path), 0)
    assert outcome.newest is not None
    assert (outcome.newest.refusals, outcome.newest.truncated) == (0, 0)
    assert outcome.newest.coverage == (Coverage("genre", 500, 700, 1, 1), Coverage("mood", 1, 1, 500, 500))


STEPS: dict[str, Any] = {
    "prompt": None,
    "steps": {"outline": {"request": "{{ uuid }} Outline {{ genre }}."}, "story": {"request": "Write {{ outline }}."}},
    "record": {"prompt": "{{ genre }}, {{ mood }}", "completion": "{{ story }}"},
}


def test_of_several_steps_the_last_text_is_looked_at_and_stops_a_run_that_collapses(tmp_path: Path) -> None:
    with pytest.raises(Collapsed):
        make(work(tmp_path, **STEPS, quality={"stop_when": {"near_duplicates": 0.9}}), 0)
    there = status(tmp_path)
    found = newest(tmp_path)
    assert found is not None
    assert (found.collapse.texts, found.collapse.near_duplicates) == (there.records, 1.0), "outlines are not among them"
    assert [axis.there for axis in found.coverage] == [700, 1]


def test_few_answers_tell_nothing(tmp_path: Path) -> None:
    assert make(job(tmp_path), 1.0).newest is None
    assert newest(tmp_path) is None
    assert newest(tmp_path / "nothing") is None


def test_a_run_that_collapses_stops_and_says_what_it_saved_and_keeps_what_came(tmp_path: Path) -> None:
    with pytest.raises(Collapsed) as stopped:
        make(work(tmp_path, quality={"stop_when": {"near_duplicates": 0.3}}), 0.5)
    there = status(tmp_path)
    assert there.records < 200
    assert f"{700 - there.records} samples were not asked for" in stopped.value.message
    assert "saved about $0.0" in stopped.value.message
    assert there.runs[-1].ended == "stopped by quality.stop_when"


def test_a_run_that_does_not_collapse_goes_on(tmp_path: Path) -> None:
    outcome = make(work(tmp_path, quality={"stop_when": {"near_duplicates": 0.3, "opening": 0.3}}), 0.1)
    assert outcome.records == 700


@pytest.mark.parametrize("bound", [0, 1.5, "much"])
def test_a_bound_is_a_share(tmp_path: Path, bound: object) -> None:
    with pytest.raises(ConfigError, match=r"quality\.stop_when\.opening"):
        work(tmp_path, quality={"stop_when": {"opening": bound}})


def test_a_display_that_asks_often_costs_one_look_in_half_a_minute_and_a_short_run_none() -> None:
    now = [0.0]
    watch = Watch(Ears(), {}, lambda: now[0])
    for _ in range(200):
        watch._window.add("the same text again, and so on, and on", "stop", ())
    now[0] = 29.0
    assert watch.look() is None
    assert watch.newest({}) is None
    now[0] = 30.0
    first = watch.look()
    assert first is not None
    watch._window.add("something else altogether", "stop", ())
    now[0] = 59.0
    assert watch.look() is first
    now[0] = 60.0
    assert watch.look() != first
