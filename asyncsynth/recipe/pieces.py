"""A template taken apart: into text and pieces of which each depends on one axis alone.

Most templates are nothing but text and `{{ genre }}`, `{{ genre | lower }}` or `{{ place.name }}`. Of those every
piece is rendered once for each value of its axis, however many samples there are, and what two values render can be
compared without going through the product of the axes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

from jinja2 import nodes
from msgspec import Struct

from asyncsynth.recipe.parsing import parsed, rendering_of
from asyncsynth.recipe.render_errors import RENDER_ERRORS
from asyncsynth.recipe.sandbox import Rendering, TemplateSandbox
from asyncsynth.values import Value


class Given(Struct, frozen=True):
    """A name that is given for each rendering, like uuid, put out as it stands."""

    name: str


class Piece(Struct, frozen=True):
    """An expression over one axis; `render` makes its text, or raises one of RENDER_ERRORS.

    `field`: the one that it puts out as it stands, as `{{ place.name }}` does.
    """

    axis: str
    render: Callable[[Value], str]
    plain: bool  # whether the text is str() of the value
    field: str | None = None


Part = str | Given | Piece
_PLAIN = (str, int, float, bool)


def taken_apart(
    source: str, sandbox: TemplateSandbox, axes: Collection[str], given: Collection[str]
) -> tuple[Part, ...] | None:
    """The parts of a template, or None where it has control flow, or an expression over more than one axis."""
    parts: list[Part] = []
    for place, output in enumerate(parsed(source).body):
        if not isinstance(output, nodes.Output):
            return None
        for number, node in enumerate(output.nodes):
            part = _part(node, partial(rendering_of, sandbox, source, (place, number)), axes, given)
            if part is None:
                return None
            parts.append(part)
    return tuple(_with_texts_joined(parts))


def _part(
    node: nodes.Node, rendering: Callable[[], Rendering], axes: Collection[str], given: Collection[str]
) -> Part | None:
    if isinstance(node, nodes.TemplateData):
        return node.data
    if isinstance(node, nodes.Name) and node.name in given:
        return Given(node.name)
    names = {name.name for name in node.find_all(nodes.Name)} | ({node.name} if isinstance(node, nodes.Name) else set())
    if len(names) > 1 or not names <= set(axes):
        return None
    if not names:
        return _constant(rendering())
    (axis,) = names
    if isinstance(node, nodes.Name):
        return Piece(axis, str, plain=True)
    render, field = rendering(), _field(node)

    def rendered(value: Value) -> str:
        return render({axis: value})

    return Piece(axis, rendered if field is None else _quickly(field, rendered), plain=False, field=field)


def _field(node: nodes.Node) -> str | None:
    """The field of a table that is put out as it stands, as in `{{ place.name }}`."""
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
        return node.attr
    if isinstance(node, nodes.Getitem) and isinstance(node.node, nodes.Name) and isinstance(node.arg, nodes.Const):
        return node.arg.value if isinstance(node.arg.value, str) else None
    return None


def _quickly(field: str, rendered: Callable[[Value], str]) -> Callable[[Value], str]:
    """The same text, without the template where that would do nothing but str()."""

    def render(value: Value) -> str:
        if type(value) is dict and type(found := value.get(field)) in _PLAIN:
            return str(found)
        return rendered(value)

    return render


def _constant(render: Callable[[Mapping[str, Any]], str]) -> str | None:
    try:
        return render({})
    except RENDER_ERRORS:
        return None  # the whole template tells it, with its line, when it is rendered


def _with_texts_joined(parts: list[Part]) -> list[Part]:
    joined: list[Part] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        elif part != "":
            joined.append(part)
    return joined
