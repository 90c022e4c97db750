"""The keys of the answers that a sample of several steps may ask for.

Requests are put together without the templates of asyncsynth; only the hash over what a key is made of is its own
(recipe/identity), and the request of a judge (quality/judging).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache

from asyncsynth.quality.judging import Rubric
from asyncsynth.recipe.identity import Keys
from asyncsynth.recipe.step_keys import Takes
from asyncsynth.recipe.steps_recipe import StepsRecipe
from asyncsynth.values import Sample, Turn
from tests.simulation.steps_taken import is_turn, step_of
from tests.simulation.steps_wish import RUBRIC, SIDES, StepsWish

NEEDS = {"outline": (), "story": ("outline",), "title": ("story", "outline"), "verdict": ("story",), "chat": ("story",)}
BEGIN = "Begin the conversation: write your first message."  # what the side that begins is sent
JUDGE = Rubric.of(RUBRIC, "")


class StepsKeys:
    """Of one recipe; its samples must live as long as this does."""

    def __init__(self, recipe: StepsRecipe, wish: StepsWish) -> None:
        self._wish, facts = wish, recipe.facts()["steps"]
        self._keys = {
            name: Keys(**facts[step_of(name)]["user_endpoint" if name.endswith(".user") else "endpoint"])
            for name in wish.asked
        }
        self._known: dict[tuple[str, int, tuple[str, ...]], Takes] = {}

    def of(self, step: str, sample: Sample, names: Mapping[str, str]) -> Takes:
        before = [name for name in names if is_turn(name)] if is_turn(step) else []
        made_from = tuple(names[name] for name in (*NEEDS[step_of(step)], *before))
        which = (step, id(sample), made_from)
        if which not in self._known:
            text, system = self._request(step, sample, names)
            turns = list(_seen_by(step.rpartition(".")[2], before, names)) if is_turn(step) else []
            takes = self._keys[step].takes(text, system, sample.repeat, turns, made_from=made_from)
            self._known[which] = cache(takes)
        return self._known[which]

    def _request(self, step: str, sample: Sample, names: Mapping[str, str]) -> tuple[str, str | None]:
        if step == "verdict":
            system, text = JUDGE.asked(names["story"], names["story"])
            return text, system
        of_turn = is_turn(step)
        text = SIDES[step.rpartition(".")[2]] if of_turn else self._wish.request_of(step)
        values = {**sample.combination, **names, "uuid": ""}
        if self._wish.plot and "outline" in names:
            values |= {"outline.plot": names["outline"], "outline": json.dumps({"plot": names["outline"]})}
        for name, value in values.items():
            text = text.replace("{{ " + name + " }}", str(value))
        return ("", text) if of_turn else (text, None)


def _seen_by(side: str, before: list[str], names: Mapping[str, str]) -> Iterator[Turn]:
    """What was said so far: to each side its own turns are an assistant's."""
    if side == "user":
        yield Turn("user", BEGIN)
    for name in before:
        yield Turn("assistant" if name.endswith(side) else "user", names[name])
