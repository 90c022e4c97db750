"""What of a recipe decides its samples, and what decides its records, each as 32 hex digits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from jinja2 import nodes

from asyncsynth.config import Combinations, Prompt, Record
from asyncsynth.config.sources import Drawn
from asyncsynth.recipe.axis import Shuffled
from asyncsynth.recipe.canonical import canonical, with_integral_floats_as_integers
from asyncsynth.recipe.identity import SCHEMA
from asyncsynth.recipe.parsing import parsed
from asyncsynth.recipe.space import Space
from asyncsynth.recipe.trees import changed
from asyncsynth.values import Value


def order_of(
    space: Space,
    drawn: Mapping[str, Drawn],
    combinations: Combinations,
    prompt: Prompt,
    endpoint: Mapping[str, Any],
) -> str:
    """Changes with whatever decides which sample is the n-th and what its key is; not with the names of the axes."""
    names = [*(name for axis in space.axes for name in axis.names), *drawn]
    system = prompt.system_text
    said = None if system is None else _without_names(system.template, names)
    turns = [(turn.role, _without_names(turn.template, names)) for turn in prompt.turns]
    return _digits(
        {
            "schema": SCHEMA,
            "axes": [_in_order(column.values) for axis in space.axes for column in axis.columns],
            **({"drawn": [[axis.values, axis.weights] for axis in drawn.values()]} if drawn else {}),
            "exclude": sorted(
                canonical(sorted([names.index(name), value] for name, value in entry.items()))
                for entry in combinations.exclude
            ),
            "repeats": space.repeats,
            "seed": space.seed,
            "templates": [turns[0][1] if prompt.is_plain else turns, said],
            "endpoint": with_integral_floats_as_integers(endpoint),
        }
    )


def fingerprint_of(order: str, names: Sequence[str], record: Record) -> str:
    """Changes with whatever decides what stands in the records of the same answers."""
    fields = record.model_dump(exclude_none=True)
    return _digits({"order": order, "names": list(names), "record": list(record.fields()), "templates": fields})


def _in_order(values: Sequence[Value]) -> Any:
    """What tells an axis's values in their seeded order."""
    return {"content": values.source.told.digest} if isinstance(values, Shuffled) else values


def _without_names(source: str, names: Sequence[str]) -> str:
    """What a template does, with the numbers of the axes in place of their names; the source where that is in doubt."""

    def numbered(node: nodes.Node) -> nodes.Node:
        if isinstance(node, nodes.Name) and node.name in names:
            node.name = f"axis {names.index(node.name)}"  # no template can have a name with a blank in it
        return node

    try:
        tree = parsed(source)
        if any(name.ctx != "load" for name in tree.find_all(nodes.Name)):
            return source  # a name that the template sets itself may hide an axis
        return repr(changed(tree, numbered))
    except RecursionError:
        return source


def _digits(facts: Any) -> str:
    return sha256(canonical(facts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
