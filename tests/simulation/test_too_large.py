"""Samples that ask for more than the provider's whole limit: each ends (promise 9), and no other is dropped (6)."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from asyncsynth.config import Limits
from asyncsynth.servers.simulator.settings import Settings
from tests.simulation.mishaps import NOTHING
from tests.simulation.process import Process
from tests.simulation.scenario import Scenario, draw
from tests.simulation.wish import DIRECTORY, Wish
from tests.simulation.world import Report, World

LIMIT = 3_000  # tokens a minute
PLACES = 60


def of_words(repeats: int) -> str:
    """Text that two places only ask with: about 2.5 tokens a repeat."""
    return "{% if place in ['place 7', 'place 30'] %}" + "and so on " * repeats + "{% endif %}"


def scenario(text: str, *, max_tokens: int | None, concurrency: int) -> Scenario:
    first = draw(0)
    return replace(
        first,
        wish=Wish(PLACES, 1, request="{{ uuid }} {{ place }}" + text),
        changes=(),
        setting=replace(first.setting, max_tokens=max_tokens, price=None, timeout_s=60.0),
        limits=Limits(concurrency=concurrency),
        service=Settings(latency_s=0.5, tokens_per_minute=LIMIT, window="sliding"),
        outages=(),
        mishaps=(),
    )


def lived(of: Scenario) -> tuple[Report, dict[str, str]]:
    """The process and its dead letters: place -> message."""
    world = World.of(of)
    report = Process(world, NOTHING).run()
    letters = [json.loads(line) for line in world.disk.read(DIRECTORY / "failures.jsonl").splitlines()]
    return report, {letter["combination"]["place"]: letter["message"] for letter in letters}


@pytest.mark.parametrize("concurrency", [1, 8])
@pytest.mark.parametrize("max_tokens", [100, None])
def test_what_can_never_fit_ends_as_a_dead_letter_and_nothing_else_does(
    max_tokens: int | None, concurrency: int
) -> None:
    """Whether the headers' limit tells so, or only that it is refused alone while others are answered."""
    text = of_words(9_600 if max_tokens else 900)  # with 1,024 for the answer it's above the limit
    report, dead = lived(scenario(text, max_tokens=max_tokens, concurrency=concurrency))
    assert report.how == "complete"
    assert (len(report.made_at), sorted(dead)) == (PLACES - 2, ["place 30", "place 7"])
    assert report.ended < 2 * 3600.0
    assert all("too large for the endpoint's limit" in message for message in dead.values())
    assert all(("above the limit of 3,000 a minute" in message) is bool(max_tokens) for message in dead.values())
