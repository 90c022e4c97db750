"""A recipe: the samples to make, in order, the request of each, and the training example that its answer makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from asyncsynth.config import Combinations, Prompt, Record
from asyncsynth.config.sources import Axes, Drawn
from asyncsynth.errors import UsageError
from asyncsynth.recipe.alike import all_differ
from asyncsynth.recipe.axes import values_of
from asyncsynth.recipe.columns import Columns
from asyncsynth.recipe.draws import Draws
from asyncsynth.recipe.facts import Facts, facts_of, sections_of
from asyncsynth.recipe.fingerprints import fingerprint_of, order_of
from asyncsynth.recipe.identity import KeyedRows, Keys, problem_key, request_uuid
from asyncsynth.recipe.parsing import parsed
from asyncsynth.recipe.rendering import COMPLETION_NAME
from asyncsynth.recipe.sample_keys import SampleKeys, held
from asyncsynth.recipe.sampled import Sampled
from asyncsynth.recipe.sandbox import TemplateSandbox
from asyncsynth.recipe.sources.source import Source
from asyncsynth.recipe.space import Numbered, Space
from asyncsynth.recipe.table import cells_for_each
from asyncsynth.recipe.templates import RecordTemplates, RequestTemplates
from asyncsynth.values import Api, AxisCells, RecordCells, Request, Sample, Value

if TYPE_CHECKING:
    from asyncsynth.recipe.beginnings import Beginning
    from asyncsynth.recipe.grouping import Grouping
    from asyncsynth.recipe.groups import Groups


class Recipe(Sampled):
    """Samples, requests and records, from axes, templates and keys.

    Two combinations may render the same request (values that differ in what it doesn't use): their samples then have
    the same key and share an answer, and each has a record of its own.
    UsageError for an exclude entry, a template or a parameter that can't be used.
    """

    def __init__(
        self,
        axes: Axes,
        combinations: Combinations,
        prompt: Prompt,
        record: Record,
        *,
        endpoint: Mapping[str, Any],
    ) -> None:
        self._axes, self._combinations, self._prompt, self._record = axes, combinations, prompt, record
        self._endpoint = endpoint
        self._drawn = {name: axis for name, axis in axes.items() if isinstance(axis, Drawn)}
        self._space = Space(axes, exclude=combinations.exclude, repeats=combinations.repeats, seed=combinations.seed)
        self._keys = Keys(endpoint["api"], endpoint["model"], endpoint["parameters"])
        self._values, sandbox = values_of(axes), TemplateSandbox()
        self._asked = RequestTemplates(prompt, self._values, sandbox)
        self._draws = self._draws_of(axes) if self._drawn else None
        self._kept = RecordTemplates(record, self._values, combinations.seed, sandbox)

    @classmethod
    def of(
        cls,
        axes: Axes,
        combinations: Combinations,
        prompt: Prompt,
        record: Record,
        *,
        api: Api,
        model: str,
        parameters: Mapping[str, Any],
    ) -> Recipe:
        """The recipe of these sections."""
        endpoint = {"api": api, "model": model, "parameters": parameters}
        return cls(axes, combinations, prompt, record, endpoint=endpoint)

    @classmethod
    def of_facts(cls, facts: Facts, sources: Sequence[Source] = ()) -> Recipe:
        """The recipe that these facts were made of, but for its limit.

        LookupError where it had a source that is none of these: facts hold no more of one than a digest.
        """
        return cls(*sections_of(facts, sources), endpoint=facts["endpoint"])

    @cached_property
    def alike(self) -> bool:
        """Whether two samples may ask the same; False only where it is proven that each has a key of its own."""
        parts = [template.parts for template in self._asked.all]
        return not all_differ(parts, self._space.axes, self._values)

    @cached_property
    def order(self) -> str:
        """32 hex digits that change with whatever decides which sample is the n-th and what its key is.

        Not with the names of the axes, the limit or the record.
        """
        return order_of(self._space, self._drawn, self._combinations, self._prompt, self._endpoint)

    @cached_property
    def fingerprint(self) -> str:
        """32 hex digits that change with whatever decides what the records of the same answers are; not the limit."""
        return fingerprint_of(self.order, list(self._axes), self._record)

    @cached_property
    def columns(self) -> Columns:
        """Called with a combination: what a record shows of it, each axis a column of one JSON type."""
        return Columns(self._axes)

    def facts(self) -> dict[str, Any]:
        """What a manifest keeps, as JSON values in sections as in the config; see `of_facts` and `differences`."""
        return facts_of(self._axes, self._combinations, self._prompt, self._record, self._endpoint)

    def samples(self, start: int = 0) -> Iterator[Sample]:
        """Every sample in the seeded order but the first `start`, lazily, limit aside.

        One whose request can't be rendered has a problem, and a key of its own.
        """
        if self._sample_keys is not None:
            return self._sample_keys.samples(start)
        return (self._sample(combination, repeat) for combination, repeat in self._space.walk(start))

    @cached_property
    def cells(self) -> RecordCells | None:
        """What all records are put together from; None where samples have to be rendered one by one."""
        fields = None if self._sample_keys is None else self._kept.cells(self._columns)
        combination: dict[str, AxisCells] = {}
        for name, column in self._columns.items() if fields is not None else ():
            cells = cells_for_each(self.columns.shown(name), column)
            if cells is None:
                return None
            combination[name] = cells
        return None if fields is None else RecordCells(combination, fields)

    def rows(self, cells: Sequence[AxisCells]) -> Iterator[tuple[int, KeyedRows]]:
        """For each repeat, every sample's key and a row that begins with what it has of these cells, in order.

        Of a recipe that has `cells`.
        """
        return iter(()) if self._sample_keys is None else self._sample_keys.rows(held(cells))

    @cached_property
    def grouping(self) -> Grouping | None:
        """The order to send in, if not that of the samples: what begins alike, one after the other."""
        if self._combinations.order != "prefix":
            return None
        beginning = self.beginning(with_uuid=True)
        if not beginning.axes or beginning.groups >= self.total:
            return None
        from asyncsynth.recipe.grouping import Grouping  # noqa: PLC0415 - few recipes have an order of their own
        from asyncsynth.recipe.groups import Groups  # noqa: PLC0415 - the same

        groups = Groups(self._space, beginning.axes)
        return Grouping(beginning.names, self.order, lambda start: self._in_groups(groups, start))

    def beginning(self, *, with_uuid: bool) -> Beginning:
        """What requests have in common; see `shared_beginning`."""
        from asyncsynth.recipe.beginnings import shared_beginning  # noqa: PLC0415 - a run has no need of it

        system = () if self._asked.system is None else (self._asked.system,)
        names = [name for template in (*system, *self._asked.all) for name in template.names]
        return shared_beginning(self._space, names, self._asked, with_uuid=with_uuid)

    def sample_keys(self) -> Iterator[str]:
        """The key of each of `samples`."""
        if self._sample_keys is None:
            return (sample.key for sample in self.samples())
        return (key for _, rows in self._sample_keys.rows(()) for key, _ in rows)

    def positions(self) -> Iterator[int]:
        """The position of each of `samples`: its number in the order, in which excluded combinations are counted."""
        return self._space.positions()

    def at(self, position: int) -> Sample:
        """The sample at a position; IndexError where there is none."""
        return self._sample(*self._space.at(position))

    def request(self, sample: Sample, generation: int = 0, lost: int = 0) -> Request:
        """What to send for a sample; the generation is 0, and one more for each drop. `lost`: how many replies were
        paid, and of no use. What is asked again has a UUID, also where the template has none.

        UsageError for a sample with a problem, and where a template fails for nothing but its UUID.
        """
        uuid = request_uuid(self._space.seed, sample.key, generation, lost)
        asked = self._asked.asked(sample.combination, uuid)
        if generation or lost:
            asked = asked.anew(uuid)
        return Request(sample, generation, asked.text, asked.system, asked.turns)

    def fields(self, sample: Sample, completion: str) -> dict[str, Any]:
        """The fields of the training example that this answer makes, in order.

        UsageError where a template can't be rendered for it.
        """
        return self._kept.fields(sample, {COMPLETION_NAME: completion})

    @cached_property
    def _columns(self) -> dict[str, Numbered]:
        return dict(zip(self._axes, self._space.columns, strict=True))

    @cached_property
    def _sample_keys(self) -> SampleKeys | None:
        """None where a request has to be rendered for its key."""
        return None if self._drawn else SampleKeys.of(self._space, self._keys, self._asked, self._columns)

    def _in_groups(self, groups: Groups, start: int) -> Iterator[tuple[bool, Sample]]:
        """Every sample but the first `start`, each with whether a group begins with it."""
        keys, names, width = self._sample_keys, self._space.names, len(self._space.columns)
        for begins, repeat, rows in groups.rows([*self._space.columns, *(keys.held if keys else ())], start):
            if keys is None:
                samples = (self._sample(dict(zip(names, row, strict=True)), repeat) for row in rows)
            else:
                keyed = keys.keyed(repeat, rows, width)
                samples = (Sample(key, dict(zip(names, row, strict=False)), repeat) for key, row in keyed)
            for number, sample in enumerate(samples):
                yield begins and not number, sample

    def _draws_of(self, axes: Axes) -> Draws:
        said = self._prompt.templates
        return Draws(axes, [parsed(each.template) for each in said], self._combinations.seed)

    def _sample(self, combination: Mapping[str, Value], repeat: int) -> Sample:
        if self._draws is not None:
            combination = self._draws.into(combination, repeat)
        try:
            asked = self._asked.asked(combination)
        except UsageError as error:
            return Sample(problem_key(combination, repeat), combination, repeat, error.message)
        return Sample(self._keys.key(asked.text, asked.system, repeat, asked.turns), combination, repeat)
