"""A recipe of several steps, or of one whose answers have to pass gates: its samples, steps and records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from typing import Any

from asyncsynth.config import Combinations, Record
from asyncsynth.config.config import StepSection
from asyncsynth.config.sources import Axes, Drawn
from asyncsynth.errors import UsageError
from asyncsynth.recipe.alike import all_differ
from asyncsynth.recipe.axes import values_of
from asyncsynth.recipe.canonical import canonical
from asyncsynth.recipe.columns import Columns
from asyncsynth.recipe.dialogue import Dialogue
from asyncsynth.recipe.draws import Draws
from asyncsynth.recipe.facts import Facts, facts_of_axes, steps_of_facts, written_step
from asyncsynth.recipe.identity import SCHEMA, Keys, problem_key
from asyncsynth.recipe.ordering import in_order, needs_of
from asyncsynth.recipe.parsing import parsed
from asyncsynth.recipe.sample_keys import SampleKeys
from asyncsynth.recipe.sampled import Sampled
from asyncsynth.recipe.sandbox import TemplateSandbox
from asyncsynth.recipe.sources.source import Source
from asyncsynth.recipe.space import Space
from asyncsynth.recipe.step import TEXT, Form, Step
from asyncsynth.recipe.templates import RecordTemplates
from asyncsynth.values import Sample, Value

_WHERE = ("user_endpoint", "endpoint")  # where facts have what the sides of a dialogue are asked from


class StepsRecipe(Sampled):
    """`endpoints`: for each step, and each side of a dialogue, api, model and parameters of what it is asked from, and
    the schema of its answers.

    UsageError for an exclude entry, a template or a parameter that can't be used.
    """

    def __init__(
        self,
        axes: Axes,
        combinations: Combinations,
        steps: Sequence[StepSection],
        record: Record,
        *,
        endpoints: Mapping[str, Mapping[str, Any]],
        forms: Mapping[str, Form] | None = None,
    ) -> None:
        self._axes, self._combinations, self._record, self._endpoints = axes, combinations, record, endpoints
        self.sections = {step.name: step for step in steps}
        sandbox, values = TemplateSandbox(), values_of(axes)
        self._values = values
        self._space = Space(axes, exclude=combinations.exclude, repeats=combinations.repeats, seed=combinations.seed)
        names = [step.name for step in steps]
        needs = {step.name: needs_of(step, [name for name in names if name != step.name]) for step in steps}
        keys, seed = {name: Keys(**endpoint) for name, endpoint in endpoints.items()}, combinations.seed

        def is_text(name: str) -> bool:
            return (forms or {}).get(name, TEXT) is TEXT and self.sections[name].prompt.dialogue is None

        def step(name: str) -> Step | Dialogue:
            section, asked, form = self.sections[name], needs[name].asked, (forms or {}).get(name, TEXT)
            if section.prompt.dialogue is not None:
                return Dialogue(section, asked, keys, values, seed, sandbox)
            of_texts = all(map(is_text, asked))
            return Step(section, asked, keys[name], values, seed, sandbox, form, of_texts=of_texts)

        self.steps = tuple(map(step, in_order(needs)))
        self._first = self.steps[0].first
        self._first.leads = True
        self._draws = self._draws_of() if any(isinstance(axis, Drawn) for axis in axes.values()) else None
        self._kept = RecordTemplates(record, values, combinations.seed, sandbox, names)

    @classmethod
    def of_facts(
        cls, facts: Facts, sources: Sequence[Source], forms_of: Callable[[StepSection, Any], Form]
    ) -> StepsRecipe:
        """The recipe that these facts were made of, but for its limit; `forms_of`: from a step and its schema.

        LookupError where it had a source that is none of these: facts hold no more of one than a digest.
        """
        axes, combinations, steps, record = steps_of_facts(facts, sources)
        endpoints = {
            side.name: facts["steps"][step.name][where]
            for step in steps
            for side, where in zip(step.sides, _WHERE[-len(step.sides) :], strict=True)
        }
        forms = {step.name: forms_of(step, endpoints[step.sides[-1].name].get("answer")) for step in steps}
        return cls(axes, combinations, steps, record, endpoints=endpoints, forms=forms)

    def schema_of(self, step: str) -> Mapping[str, Any] | None:
        """The JSON Schema that the answers of a step must fit."""
        asked = self._endpoints[self.sections[step].sides[-1].name]
        schema: Mapping[str, Any] | None = asked.get("answer")
        return schema

    @property
    def accepted(self) -> int:
        """How many samples shall have a record; 0: as many as can."""
        return self._combinations.accepted

    @cached_property
    def alike(self) -> bool:
        """Whether an answer may be shared by two samples; False only where it is proven that none is."""
        firsts = [step.templates_of_first for step in self.steps if not step.needs]
        return not all(
            all_differ([template.parts for template in first], self._space.axes, self._values) for first in firsts
        )

    @cached_property
    def order(self) -> str:
        """32 hex digits that change with whatever decides which sample is the n-th, what it asks, and what becomes of
        its answers; not with the limit or the record.
        """
        return self._digits({**self.facts(), "record": None})

    @cached_property
    def fingerprint(self) -> str:
        """32 hex digits that change with whatever decides what the records of the same answers are; not the limit."""
        return self._digits({**self.facts(), "fields": list(self._record.fields())})

    def _digits(self, facts: Mapping[str, Any]) -> str:
        """Of facts, and of the order of axes and steps, which mappings don't tell."""
        names = {"axes": list(self._axes), "steps": [step.name for step in self.steps]}
        told = canonical({**facts, "schema": SCHEMA, "in_order": names})
        return sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:32]

    @cached_property
    def columns(self) -> Columns:
        """Called with a combination: what a record shows of it, each axis a column of one JSON type."""
        return Columns(self._axes)

    def facts(self) -> dict[str, Any]:
        """What a manifest keeps, as JSON values in sections as in the config."""
        endpoints = self._endpoints
        return {
            **facts_of_axes(self._axes, self._combinations),
            "steps": {
                name: {
                    **written_step(step),
                    **{
                        where: dict(endpoints[side.name])
                        for side, where in zip(step.sides, _WHERE[-len(step.sides) :], strict=True)
                    },
                }
                for name, step in self.sections.items()
            },
            "record": self._record.model_dump(exclude_none=True),
        }

    def samples(self, start: int = 0) -> Iterator[Sample]:
        """Every sample in the seeded order but the first `start`, lazily, limit aside; its key is that of its first
        answer. One whose first request can't be rendered has a problem, and a key of its own.
        """
        if self._sample_keys is not None:
            return self._sample_keys.samples(start)
        return (self._sample(combination, repeat) for combination, repeat in self._space.walk(start))

    def fields(self, sample: Sample, answers: Mapping[str, Any]) -> dict[str, Any]:
        """The fields of the training example that these answers of the steps make, in order.

        UsageError where a template can't be rendered for them.
        """
        return self._kept.fields(sample, answers)

    @cached_property
    def _sample_keys(self) -> SampleKeys | None:
        """None where the first request has to be rendered for its key."""
        first = self.steps[0]
        if self._draws is not None or not isinstance(first, Step):
            return None
        columns = dict(zip(self._axes, self._space.columns, strict=True))
        return SampleKeys.of(self._space, first.keys, first.templates, columns)

    def _draws_of(self) -> Draws:
        said = [each for step in self.sections.values() for each in step.prompt.templates]
        return Draws(self._axes, [parsed(each.template) for each in said], self._combinations.seed)

    def _sample(self, combination: Mapping[str, Value], repeat: int) -> Sample:
        if self._draws is not None:
            combination = self._draws.into(combination, repeat)
        sample = Sample("", combination, repeat)
        try:
            return Sample(self._first.takes(sample, {})(0), combination, repeat)
        except UsageError as error:
            return Sample(problem_key(combination, repeat), combination, repeat, error.message)
