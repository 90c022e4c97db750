"""What a manifest keeps of a recipe, as JSON values in sections as in the config, and the way back.

An integer beyond 64 bits stands in a list of its own, as text: readers of JSON would make a float of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from asyncsynth.config import Combinations, Prompt, Record
from asyncsynth.config.config import StepSection
from asyncsynth.config.sources import Axes, AxisValues, Dependent, Drawn
from asyncsynth.recipe.sources.source import Source
from asyncsynth.values import INT64

Facts = Mapping[str, Any]
WHERE = {"endpoint", "user_endpoint", "model", "parameters"}  # options that say what a step is asked from


def facts_of(
    axes: Axes,
    combinations: Combinations,
    prompt: Prompt,
    record: Record,
    endpoint: Mapping[str, Any],
) -> dict[str, Any]:
    """The facts; `endpoint` has api, model and parameters."""
    return {
        "endpoint": dict(endpoint),
        "prompt": _written_prompt(prompt),
        "record": record.model_dump(exclude_none=True),
        **facts_of_axes(axes, combinations),
    }


def facts_of_axes(axes: Axes, combinations: Combinations) -> dict[str, Any]:
    """Of them, those that say which samples there are."""
    return {
        "axes": {name: written_axis(values) for name, values in axes.items()},
        "combinations": {
            "exclude": [{name: written(value) for name, value in entry.items()} for entry in combinations.exclude],
            "repeats": combinations.repeats,
            "seed": written(combinations.seed),
        },
    }


def sections_of(
    facts: Facts, sources: Sequence[Source] = ()
) -> tuple[dict[str, AxisValues], Combinations, Prompt, Record]:
    """The sections that the facts were made of; there is no limit among them.

    Of a source there is no more than a digest among the facts: LookupError where it is none of these `sources`.
    """
    return (*_samples_of(facts, sources), Prompt(**facts["prompt"]), Record(**facts["record"]))


def steps_of_facts(
    facts: Facts, sources: Sequence[Source] = ()
) -> tuple[dict[str, AxisValues], Combinations, list[StepSection], Record]:
    """The same for a recipe of steps."""
    steps = []
    for name, step in facts["steps"].items():
        options = {option: given for option, given in step.items() if option not in WHERE}
        steps.append(StepSection(name, f"steps.{name}", Prompt(**options)))
    return (*_samples_of(facts, sources), steps, Record(**facts["record"]))


def written_step(step: StepSection) -> dict[str, Any]:
    """What says all of a step but of what it is asked from."""
    return step.prompt.model_dump(exclude_defaults=True, exclude=WHERE, by_alias=True)


def _samples_of(facts: Facts, sources: Sequence[Source]) -> tuple[dict[str, AxisValues], Combinations]:
    combinations = facts["combinations"]
    return (
        {name: read_axis(fact, sources) for name, fact in facts["axes"].items()},
        Combinations(
            exclude=[{name: read(value) for name, value in entry.items()} for entry in combinations["exclude"]],
            repeats=combinations["repeats"],
            seed=read(combinations["seed"]),
        ),
    )


def _written_prompt(prompt: Prompt) -> dict[str, Any]:
    """Messages that are no more than a system text and a request are these: they ask for the same."""
    system = prompt.system_text
    if prompt.is_plain:
        return {"request": prompt.turns[0].template, "system": None if system is None else system.template}
    said = (*(() if system is None else (system,)), *prompt.turns)
    return {"messages": [{"role": turn.role, "content": turn.template} for turn in said]}


def written_axis(axis: AxisValues) -> Any:
    """What says all of an axis."""
    if isinstance(axis, Source):
        return {**axis.told.written, "count": len(axis), "content": axis.told.digest}
    if isinstance(axis, Drawn):
        return {"draw": list(map(written, axis.values)), "weights": list(axis.weights)}
    if isinstance(axis, Dependent):
        return {"by": axis.by, "values": {name: list(map(written, values)) for name, values in axis.values.items()}}
    return list(map(written, axis))


def read_axis(fact: Any, sources: Sequence[Source] = ()) -> AxisValues:
    """What `written_axis` was made of. LookupError for a source that is none of these."""
    if isinstance(fact, Mapping) and "content" in fact:
        return {source.told.digest: source for source in sources}[fact["content"]]
    if isinstance(fact, Mapping) and "draw" in fact:
        return Drawn(tuple(map(read, fact["draw"])), tuple(map(float, fact["weights"])))
    if isinstance(fact, Mapping):
        return Dependent(fact["by"], {name: tuple(map(read, values)) for name, values in fact["values"].items()})
    return tuple(map(read, fact))


def written(value: Any) -> Any:
    """A value of an axis, or the seed, as every reader of JSON gives it back."""
    if type(value) is int and value not in INT64:
        return [str(value)]
    if isinstance(value, Mapping):
        return {name: written(part) for name, part in value.items()}
    return value


def read(value: Any) -> Any:
    """What `written` was made of."""
    if isinstance(value, list):
        return int(value[0])
    if isinstance(value, Mapping):
        return {name: read(part) for name, part in value.items()}
    return value
