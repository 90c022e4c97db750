"""Jobs of small recipes, and runs of them as a face would start them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from asyncsynth.app.job import Job, job_of
from asyncsynth.app.load import config_of
from asyncsynth.app.outside import Outside
from asyncsynth.app.run import Outcome, open_run
from asyncsynth.recipe.recipe import Recipe
from asyncsynth.values import End, Fault, Request

NOBODY = "https://nobody.test/v1"  # for what sends nothing
GENRES, MOODS = ["horror", "romance", "mystery"], ["calm", "angry"]
REQUEST = "{{ uuid }} A {{ mood }} {{ genre }} plot."
RECORD = {"prompt": "{{ genre }}, {{ mood }}: "}


def job(directory: Path, base_url: str = NOBODY, **over: Any) -> Job:
    """Six samples of two axes; `over` are sections, or options by their place with __ for the dot, over those here.

    None takes a section out.
    """
    sections: dict[str, Any] = {
        "axes": {"genre": GENRES, "mood": MOODS},
        "prompt": {"request": REQUEST},
        "record": RECORD,
        "endpoint": {
            "provider": "openai",
            "base_url": base_url,
            "model": "m",
            "parameters": {"max_tokens": 100},
            "price": {"input": 1.0, "output": 2.0},
        },
        "limits": {"concurrency": 4},
        "output": {"directory": str(directory), "raw_log": False},
    }
    for place, value in over.items():
        section, _, option = place.partition("__")
        if option:
            sections.setdefault(section, {})[option] = value
        else:
            sections[section] = value
    given = {name: section for name, section in sections.items() if section is not None}
    return job_of(config_of(given, "the config of a test"))


def first_request(work: Job) -> Request:
    """What a recipe of one step asks first."""
    recipe = one_step(work)
    return recipe.request(next(recipe.samples()))


def one_step(work: Job) -> Recipe:
    """The recipe of a job that has one step."""
    assert isinstance(work.recipe, Recipe)
    return work.recipe


@dataclass
class Ears:
    """A listener that remembers."""

    ends: list[End] = field(default_factory=list)
    troubles: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def on_end(self, end: End) -> None:
        self.ends.append(end)

    def on_trouble(self, fault: Fault) -> None:
        self.troubles.append(fault)

    def on_note(self, words: str) -> None:
        self.notes.append(words)


async def run(
    work: Job, ears: Ears | None = None, *, accept_changes: bool = False, outside: Outside | None = None
) -> Outcome:
    """A run to its end; raises what ends it early."""
    with open_run(work, accept_changes=accept_changes, outside=outside) as opened:
        if opened.inventory.to_make:
            await opened.make(ears or Ears(), asyncio.get_running_loop().time)
        return opened.outcome()
