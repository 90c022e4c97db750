"""The takes that a sample goes on with, and what is used of their texts, looked at without the gates of asyncsynth."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import NamedTuple

from tests.simulation.books import Line
from tests.simulation.steps_wish import CUTS, UNTIL, StepsWish

ASSUMED: Line = {"text": None}  # an answer that is not there, and is taken to pass


class Taken(NamedTuple):
    """The take that a step goes on with."""

    key: str
    generation: int
    take: int
    line: Line

    @property
    def name(self) -> str:
        return f"{self.key}/{self.generation}"


def told_by(wish: StepsWish, step: str, text: str) -> str | None:
    """What of an answer is used; None: it does not fit its schema."""
    if step == "story":
        for cut in CUTS[wish.cut]:
            text = re.sub(cut, "", text)
    if step != "outline" or not wish.plot:
        return text
    try:
        read = json.loads(text)
    except ValueError:
        return None
    return read["plot"] if isinstance(read, dict) and list(read) == ["plot"] and type(read["plot"]) is str else None


def is_turn(step: str) -> bool:
    return "." in step


def step_of(name: str) -> str:
    """The step in the config; a turn is one of its dialogue."""
    return name.partition(".")[0]


def lane_of(name: str) -> str:
    """What its requests go by: chat.user of chat.2.user."""
    return f"{step_of(name)}.{name.rpartition('.')[2]}" if is_turn(name) else name


def main_of(taken: Mapping[str, Taken]) -> Taken:
    """The last answer that is no grade."""
    return [got for step, got in taken.items() if step != "verdict"][-1]


def messages_of(taken: Mapping[str, Taken]) -> list[Line]:
    """Of a chat; what ends it is taken out, and a turn that was nothing else is left out."""
    said = {step: got.line["text"] for step, got in taken.items() if is_turn(step)}
    cut = {step: text.replace(UNTIL, "").strip() if UNTIL in text else text for step, text in said.items()}
    return [{"role": step.rpartition(".")[2], "content": text} for step, text in cut.items() if text]
