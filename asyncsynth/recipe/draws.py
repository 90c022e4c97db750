"""Axes that are drawn: a value for each sample, by its seed and by what else it is made of.

Each value of the list has a score for each sample, and the least one wins (weighted rendezvous hashing: -ln(u) / weight
with u from a hash). So a value that is added wins its share, and nothing else changes; a value that is taken out
changes the samples that had it. What a sample is made of is its repeat and the values of the other axes, of tables and
rows only the columns that the request uses: then those that ask the same draw the same. Neither the names of axes nor
their order in the config decides anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from math import log

from jinja2 import nodes

from asyncsynth.config.sources import Axes, Drawn
from asyncsynth.recipe.canonical import canonical
from asyncsynth.recipe.permutation import keys_of, mix
from asyncsynth.values import Value

Fields = frozenset[str] | None  # of a table; None: all of it


class Draws:
    """Draws the values of all such axes; `templates` are those of the request."""

    def __init__(self, axes: Axes, templates: Iterable[nodes.Template], seed: int) -> None:
        parsed = list(templates)
        self._names = tuple(axes)
        self._seed = seed
        self._fields = {name: _fields_used(name, parsed) for name, axis in axes.items() if not isinstance(axis, Drawn)}
        self._keyed: dict[str, list[tuple[int, float, Value]]] = {}
        seen: list[str] = []
        for name, axis in axes.items():
            if isinstance(axis, Drawn):
                alike = canonical(sorted(map(canonical, axis.values)))
                self._keyed[name] = _keyed(axis, seen.count(alike))  # two equal lists draw apart
                seen.append(alike)

    def into(self, combination: Mapping[str, Value], repeat: int) -> dict[str, Value]:
        """The combination with the drawn values, names in the order of the axes."""
        made_of = sorted(canonical(_part(combination[name], fields)) for name, fields in self._fields.items())
        text = f"{self._seed}/{repeat}/{','.join(made_of)}"
        number = int.from_bytes(sha256(text.encode("utf-8", "surrogatepass")).digest()[:8], "big")
        drawn = {name: _least(keyed, number) for name, keyed in self._keyed.items()}
        return {name: drawn[name] if name in drawn else combination[name] for name in self._names}


def _keyed(axis: Drawn, nth: int) -> list[tuple[int, float, Value]]:
    return [
        (keys_of(f"{nth}/{canonical(value)}")[0], weight, value)
        for value, weight in zip(axis.values, axis.weights, strict=True)
    ]


def _least(keyed: Sequence[tuple[int, float, Value]], number: int) -> Value:
    scores = [(-log((mix(number, key) + 1) / 2**64) / weight, key) for key, weight, _ in keyed]
    return keyed[scores.index(min(scores))][2]


def _part(value: Value, fields: Fields) -> object:
    if fields is None or not isinstance(value, Mapping):
        return value
    return {field: value[field] for field in fields if field in value}


def _fields_used(name: str, templates: Iterable[nodes.Template]) -> Fields:
    """The fields of a table that templates use by their names; None where one uses the table itself."""
    fields: set[str] = set()
    for template in templates:
        of_fields = 0
        for node in template.find_all((nodes.Getattr, nodes.Getitem)):
            if isinstance(node, nodes.Getattr) and _is(node.node, name):
                fields.add(node.attr)
                of_fields += 1
            elif isinstance(node, nodes.Getitem) and _is(node.node, name) and isinstance(node.arg, nodes.Const):
                fields.add(str(node.arg.value))
                of_fields += 1
        if of_fields < sum(_is(node, name) for node in template.find_all(nodes.Name)):
            return None
    return frozenset(fields)


def _is(node: nodes.Node, name: str) -> bool:
    return isinstance(node, nodes.Name) and node.name == name
