"""A recipe: the samples to make, in order, and the request of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from asyncsynth.config import Combinations, Prompt
from asyncsynth.recipe.axes import Space
from asyncsynth.recipe.canonical import canonical, with_integral_floats_as_integers
from asyncsynth.recipe.identity import SCHEMA, Keys, request_uuid
from asyncsynth.recipe.templates import Templates
from asyncsynth.values import Api, Request, Sample, Value


class Recipe:
    """Samples and requests, from a space of combinations, templates and keys.

    Two combinations may render the same request (tables that differ in fields that it doesn't use): their samples
    then have the same key, and the caller makes only the first.
    """

    __slots__ = ("_facts", "_keys", "_seed", "_space", "_templates")

    def __init__(self, space: Space, templates: Templates, keys: Keys, facts: Mapping[str, Any], seed: int) -> None:
        self._space = space
        self._templates = templates
        self._keys = keys
        self._facts = facts
        self._seed = seed

    @classmethod
    def of(
        cls,
        axes: Mapping[str, Sequence[Value]],
        combinations: Combinations,
        prompt: Prompt,
        *,
        api: Api,
        model: str,
        parameters: Mapping[str, Any],
    ) -> Recipe:
        """The recipe of these sections. UsageError for an exclude entry, template or parameter that can't be used."""
        space = Space(
            axes,
            exclude=combinations.exclude,
            repeats=combinations.repeats,
            limit=combinations.limit,
            seed=combinations.seed,
        )
        facts = {
            "schema": SCHEMA,
            "endpoint": {"api": api, "model": model, "parameters": dict(parameters)},
            "prompt": {"request": prompt.request, "system": prompt.system},
            "axes": {name: list(values) for name, values in axes.items()},
            "combinations": {
                "exclude": list(combinations.exclude),
                "repeats": combinations.repeats,
                "seed": combinations.seed,
            },
        }
        return cls(space, Templates(prompt), Keys(api, model, parameters), facts, combinations.seed)

    @property
    def combinations(self) -> int:
        """How many combinations there are, excluded ones taken off; exact."""
        return self._space.combinations

    @property
    def total(self) -> int:
        """How many samples there are: combinations x repeats, at most the limit."""
        return self._space.total

    @property
    def fingerprint(self) -> str:
        """32 hex digits that change with whatever decides if a record belongs; not with limit, seed or any order."""
        facts = self.facts()
        del facts["combinations"]["seed"]
        facts["axes"] = {name: sorted(map(canonical, values)) for name, values in facts["axes"].items()}
        facts["combinations"]["exclude"] = sorted(map(canonical, facts["combinations"]["exclude"]))
        facts["endpoint"]["parameters"] = with_integral_floats_as_integers(facts["endpoint"]["parameters"])
        return sha256(canonical(facts).encode("utf-8", "surrogatepass")).hexdigest()[:32]

    @property
    def order(self) -> str:
        """32 hex digits that change with whatever decides which sample is the n-th, limit aside."""
        order = [self.fingerprint, self._seed, list(self._facts["axes"])]
        return sha256(canonical(order).encode("utf-8", "surrogatepass")).hexdigest()[:32]

    def facts(self) -> dict[str, Any]:
        """What the manifest's header keeps, as JSON values in sections as in the config; see `differences`."""
        return {name: dict(fact) if isinstance(fact, Mapping) else fact for name, fact in self._facts.items()}

    def samples(self, start: int = 0) -> Iterator[Sample]:
        """Every sample in the seeded order but the first `start`, lazily.

        UsageError where a template can't be rendered for one.
        """
        key = self._key
        for combination, repeat in self._space.walk(start):
            yield Sample(key(combination, repeat), combination, repeat)

    def request(self, sample: Sample, generation: int = 0) -> Request:
        """What to send for a sample; the generation is 0, and one more for each drop."""
        uuid = request_uuid(self._seed, sample.key, generation)
        text, system, prompt = self._templates.texts(sample.combination, uuid)
        return Request(sample, generation, text, system, prompt)

    def belongs(self, combination: Mapping[str, Value], repeat: int, key: str) -> bool:
        """Whether a record of this combination, repeat and key is one that this recipe makes, limit aside.

        False for anything foreign, whatever its types.
        """
        return self._space.contains(combination, repeat) and self._key(combination, repeat) == key

    def _key(self, combination: Mapping[str, Value], repeat: int) -> str:
        request, system = self._templates.asked(combination)
        return self._keys.key(request, system, repeat)
