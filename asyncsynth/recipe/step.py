"""One step of a recipe that asks one thing of a sample."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from asyncsynth.config.config import StepSection
from asyncsynth.recipe.asking import Asking
from asyncsynth.recipe.identity import Keys
from asyncsynth.recipe.rendering import Template
from asyncsynth.recipe.sandbox import TemplateSandbox
from asyncsynth.recipe.step_keys import StepKeys
from asyncsynth.recipe.templates import Asked, RequestTemplates
from asyncsynth.values import Sample, Value


class Form(Struct, frozen=True):
    """What a step's answers are like, if they are no plain texts.

    `stand_in`: from an answer's KEY/GENERATION to what stands in its place. `dressed`: what is really sent, from what
    the templates say and the answer that is judged.
    """

    stand_in: Callable[[str], Any] = str
    dressed: Callable[[Asked, str], Asked] | None = None


TEXT = Form()


class Step(Asking):
    """`needs`: the earlier steps whose answers it is made from; `of_texts`: whether all of those are texts.

    UsageError for templates that can't be compiled.
    """

    def __init__(
        self,
        section: StepSection,
        needs: Sequence[str],
        keys: Keys,
        axes: Mapping[str, Sequence[Value]],
        seed: int,
        sandbox: TemplateSandbox,
        form: Form = TEXT,
        *,
        of_texts: bool = True,
    ) -> None:
        self.templates = RequestTemplates(section.prompt, axes, sandbox, section.place, needs)
        asked: _Asked = self.templates.asked_of
        judges = section.prompt.judge
        if form.dressed is not None and judges is not None:
            asked = _dressed(asked, form.dressed, judges)
        sources = [said.template for said in section.prompt.templates]
        super().__init__(section.name, section.name, needs, keys, seed, asked, sources, self.templates.all)
        if needs and of_texts and form.dressed is None:
            self.unrendered_keys = StepKeys.of(keys, self.templates, axes)
        self.place, self.stand_in = section.place, form.stand_in
        self.retry, self.shows_reason = section.prompt.retry, section.prompt.retry_with_reason

    @property
    def asks(self) -> Sequence[Step]:
        """All that is asked by it."""
        return (self,)

    def asks_of(self, sample: Sample) -> Sequence[Step]:
        """What a sample asks by it."""
        del sample
        return (self,)

    def value_of(self, answers: Mapping[str, Any]) -> Any:
        """What later steps see of it, among the answers so far."""
        return answers[self.name]

    @property
    def first(self) -> Step:
        """What it asks first."""
        return self

    @property
    def templates_of_first(self) -> list[Template]:
        """What decides the request that it asks first."""
        return self.templates.all


_Asked = Callable[[Mapping[str, Any]], Asked]


def _dressed(asked: _Asked, dressed: Callable[[Asked, str], Asked], judged: str) -> _Asked:
    return lambda values: dressed(asked(values), str(values[judged]))
