"""One step of a recipe: what it asks for a sample, and the keys of its answers, known without reading any text.

In the place of an earlier answer's text the key has that answer's own key and generation. What can't be rendered that
way, like a line of an answer or an entry of a list, is known by its template and by the values that it is rendered of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from asyncsynth.config.config import StepSection
from asyncsynth.errors import UsageError
from asyncsynth.recipe.canonical import canonical
from asyncsynth.recipe.identity import Keys, request_uuid
from asyncsynth.recipe.rendering import Template
from asyncsynth.recipe.sandbox import TemplateSandbox
from asyncsynth.recipe.templates import Asked, RequestTemplates
from asyncsynth.values import Request, Sample, Turn, Value

Takes = Callable[[int], str]  # from the number of a take to the key of its answer


class Form(Struct, frozen=True):
    """What a step's answers are like, if they are no plain texts.

    `stand_in`: from an answer's KEY/GENERATION to what stands in its place. `dressed`: what is really sent, from what
    the templates say and the answer that is judged.
    """

    stand_in: Callable[[str], Any] = str
    dressed: Callable[[Asked, str], Asked] | None = None


TEXT = Form()


class Step:
    """`needs`: the earlier steps whose answers it is made from. UsageError for templates that can't be compiled."""

    def __init__(
        self,
        section: StepSection,
        needs: Sequence[str],
        keys: Keys,
        axes: Mapping[str, Sequence[Value]],
        seed: int,
        sandbox: TemplateSandbox,
        form: Form = TEXT,
    ) -> None:
        self.name, self.lane, self.place, self.needs = section.name, section.name, section.place, tuple(needs)
        self.retry, self.shows_reason = section.prompt.retry, section.prompt.retry_with_reason
        self.stand_in, self._dressed, self._judges = form.stand_in, form.dressed, section.prompt.judge
        self.asked = RequestTemplates(section.prompt, axes, sandbox, section.place, needs)
        self._sources = [said.template for said in section.prompt.templates]
        self._keys, self._seed = keys, seed
        self._newest: tuple[object, int, Takes] = (
            None,
            0,
            str,
        )  # a sample is asked for its key, and then for its course

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
        return self.asked.templates

    def takes(self, sample: Sample, answers: Mapping[str, str], stand_ins: Mapping[str, Any]) -> Takes:
        """The keys of its answers; `answers` are those of earlier steps as KEY/GENERATION, with their `stand_ins`.

        UsageError where its request can't be rendered.
        """
        if not self.needs:
            of, repeat, takes = self._newest
            if of is not sample.combination or repeat != sample.repeat:
                asked = self.asked.asked(sample.combination)
                takes = self._keys.takes(asked.text, asked.system, sample.repeat, asked.turns)
                self._newest = sample.combination, sample.repeat, takes
            return takes
        made_from = [answers[name] for name in self.needs]
        try:
            asked = self._dress(self.asked.asked({**sample.combination, **stand_ins}), stand_ins)
        except UsageError:
            asked = Asked(canonical([self._sources, sample.combination]), None)
        return self._keys.takes(asked.text, asked.system, sample.repeat, asked.turns, made_from=made_from)

    def request(
        self,
        sample: Sample,
        values: Mapping[str, Any],
        *,
        take: int,
        generation: int,
        rejected: tuple[str, str] | None = None,
    ) -> Request:
        """What to send for a sample, which has the key of this take; `values` are the answers of earlier steps.

        `rejected`: the text of the take before, and why it was rejected, where the model shall know.
        UsageError where it can't be rendered.
        """
        uuid = request_uuid(self._seed, sample.key, generation)
        asked = self._dress(self.asked.asked({**sample.combination, **values}, uuid), values)
        if rejected is not None:
            asked = with_reason(asked, *rejected)
        return Request(sample, generation, asked.text, asked.system, asked.turns, self.name, take)

    def _dress(self, asked: Asked, answers: Mapping[str, Any]) -> Asked:
        if self._dressed is None or self._judges is None:
            return asked
        return self._dressed(asked, str(answers[self._judges]))


def with_reason(asked: Asked, text: str, why: str) -> Asked:
    """The request, the answer that was rejected, and what is wrong with it."""
    turns = asked.turns or (Turn("user", asked.text),)
    again = Turn("user", f"This answer can't be used: it {why}. Write it anew.")
    turns = (*turns, Turn("assistant", text or "(nothing)"), again)
    return Asked("\n\n".join(f"{turn.role}: {turn.content}" for turn in turns), asked.system, turns)
