"""What is wrong with a step that is a dialogue, as far as its options can't tell one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from asyncsynth.config.shown import shown
from asyncsynth.config.sources import Drawn, Given, listed
from asyncsynth.errors import Problem, nearest

MAX_ROUNDS = 50  # how often each side can speak
OWN = ("user", "assistant", "until", "user_endpoint")
# What says something else than two sides, or wants one text where there are many.
OF_OTHERS = ("request", "system", "messages", "schema", "judge", "rubric", "keep")


def is_rounds(value: object) -> bool:
    """Whether each side can speak so often."""
    return type(value) is int and 1 <= value <= MAX_ROUNDS


def dialogue_problems(place: str, section: Mapping[str, Any], axes: Given) -> Iterator[Problem]:
    """What is wrong with the options of a dialogue in the step at `place`; also where it is none."""
    if "dialogue" not in section:
        for option in OWN:
            if option in section:
                what = "is for a dialogue: say how often each side speaks, like dialogue = 3"
                yield Problem(f"{place}.{option}", what)
        return
    for option in OF_OTHERS:
        if option in section:
            yield Problem(f"{place}.{option}", "can't be used with dialogue: user and assistant instruct its sides")
    if "user" not in section:
        what = 'is missing: who is the side that asks? For example user = "You are a patient. Ask a doctor."'
        yield Problem(f"{place}.user", what)
    rounds = section["dialogue"]
    if isinstance(rounds, str):
        yield from _of_axis(f"{place}.dialogue", rounds, axes)


def _of_axis(place: str, name: str, axes: Given) -> Iterator[Problem]:
    if name not in axes:
        yield Problem(place, f"there is no axis {shown(name)}", nearest(name, axes))
        return
    axis = axes[name]
    values = (axis.values if isinstance(axis, Drawn) else listed(axis)) or ()
    wrong = [value for value in values if not is_rounds(value)]
    if wrong or not values:
        told = f", and {name} has {shown(wrong[0])}" if wrong else ""
        yield Problem(place, f"must name an axis that lists whole numbers from 1 to {MAX_ROUNDS}{told}")
