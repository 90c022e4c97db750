"""A step that is a dialogue: its turns, each an answer of its own, and the list of messages that they make.

Each side is sent its own system text, and what was said so far as it sees it: itself as the assistant. The side of the
user begins, and is asked to by a message of ours. A turn is made from all before it; its key has theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct

from asyncsynth.config.config import StepSection
from asyncsynth.recipe.asking import Asking
from asyncsynth.recipe.identity import Keys
from asyncsynth.recipe.rendering import UUID_NAME, Template
from asyncsynth.recipe.sandbox import TemplateSandbox
from asyncsynth.recipe.step_keys import Takes
from asyncsynth.recipe.structured import structured
from asyncsynth.recipe.templates import Asked, compiled, text_of
from asyncsynth.values import Sample, Turn, Value

BEGIN = "Begin the conversation: write your first message."
Speaker = Literal["user", "assistant"]
Axes = Mapping[str, Sequence[Value]]


class Side(Struct, frozen=True):
    """What the turns of one side share; `lane` is the name that its requests go by."""

    speaker: Speaker
    lane: str
    system: Template | None
    source: str
    keys: Keys


class Turned(Asking):
    """One turn; `needs`: the steps whose answers its system text is made from, and all turns before it."""

    def __init__(self, side: Side, name: str, before: Sequence[str], needs: Sequence[str], of: Dialogue) -> None:
        templates = () if side.system is None else (side.system,)
        super().__init__(name, side.lane, (*needs, *before), side.keys, of.seed, self._shown, side.source, templates)
        self.retry, self.shows_reason = of.retry, of.shows_reason
        self.side, self._before, self._of = side, tuple(before), of

    def _takes(self, sample: Sample, made_from: Sequence[str], stand_ins: Mapping[str, Any]) -> Takes:
        if not self._before and self._of.axis is not None:
            made_from = (*made_from, f"rounds/{self._of.rounds(sample.combination)}")
        return super()._takes(sample, made_from, stand_ins)

    def _shown(self, values: Mapping[str, Any]) -> Asked:
        system = self.side.system
        told = None if system is None else system.render_sample(values)
        turns = tuple(self._seen(values))
        return Asked(text_of(turns), told, turns)

    def _seen(self, values: Mapping[str, Any]) -> Iterator[Turn]:
        """What was said so far, as this side sees it."""
        if self.side.speaker == "user":
            yield Turn("user", BEGIN)
        own = self.side.speaker
        for name in self._before:
            yield Turn("assistant" if name.endswith(own) else "user", str(values[name]))


class Dialogue:
    """`sides` are those of the user and of the assistant, `needs` as of a Step.

    `axes` with the values of that which says how long it is, if one does. UsageError for templates that can't be
    compiled.
    """

    def __init__(
        self,
        section: StepSection,
        needs: Sequence[str],
        keys: Mapping[str, Keys],
        axes: Axes,
        seed: int,
        sandbox: TemplateSandbox,
    ) -> None:
        prompt = section.prompt
        self.name, self.needs, self.until, self.seed = section.name, tuple(needs), prompt.until, seed
        self.retry, self.shows_reason = prompt.retry, prompt.retry_with_reason
        self._rounds = prompt.dialogue
        self.axis = self._rounds if isinstance(self._rounds, str) else None
        longest = max(map(_number, axes[self.axis])) if self.axis is not None else _number(self._rounds)
        sides = [_side(side, text, keys, axes, sandbox, needs) for side, text in _told(section)]
        names = [f"{self.name}.{number + 1}.{side.speaker}" for number in range(longest) for side in sides]
        self.turns = tuple(
            Turned(sides[number % 2], name, names[:number], needs, self) for number, name in enumerate(names)
        )  # of the longest one

    @property
    def asks(self) -> Sequence[Turned]:
        """All turns of the longest one."""
        return self.turns

    def asks_of(self, sample: Sample) -> Sequence[Turned]:
        """All turns that a sample can have."""
        return self.turns[: 2 * self.rounds(sample.combination)]

    def value_of(self, answers: Mapping[str, Any]) -> Any:
        """What later steps see of it, among the answers so far, of which all of its turns are some."""
        return self.messages([str(answers[turn.name]) for turn in self.turns if turn.name in answers])

    @property
    def first(self) -> Turned:
        """What it asks first."""
        return self.turns[0]

    @property
    def templates_of_first(self) -> list[Template]:
        """What decides the request that it asks first."""
        system = self.first.side.system
        return [] if system is None else [system]

    def rounds(self, combination: Mapping[str, Value]) -> int:
        """How often each side speaks at most in the samples of a combination."""
        return _number(self._rounds if self.axis is None else combination[self.axis])

    def messages(self, texts: Sequence[str]) -> Any:
        """The value that its turns make, with `until` taken out; a turn that was nothing else is left out."""
        said = zip(
            self.turns, (text if self.until is None else _without(text, self.until) for text in texts), strict=False
        )
        return structured([{"role": turn.side.speaker, "content": text} for turn, text in said if text])


def example_of(text: str) -> Any:
    """What templates see of a dialogue in which each side says this."""
    return structured([{"role": "user", "content": text}, {"role": "assistant", "content": text}])


def _told(section: StepSection) -> Iterator[tuple[StepSection, str | None]]:
    user, assistant = section.sides
    yield user, section.prompt.user
    yield assistant, section.prompt.assistant


def _side(
    section: StepSection,
    text: str | None,
    keys: Mapping[str, Keys],
    axes: Axes,
    sandbox: TemplateSandbox,
    needs: Sequence[str],
) -> Side:
    speaker: Speaker = "user" if section.name.endswith(".user") else "assistant"
    place = f"{section.place}.{speaker}"
    template = None if text is None else compiled(sandbox, place, text, axes, (UUID_NAME, *needs))
    return Side(speaker, section.name, template, text or "", keys[section.name])


def _number(value: object) -> int:
    assert isinstance(value, int), "the config is checked"
    return value


def _without(text: str, until: str) -> str:
    return text.replace(until, "").strip() if until in text else text
