"""Templates parsed and compiled, each text once: a start looks at most of them several times.

What is kept here says nothing of a rendering, which has a sandbox with a budget of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from types import CodeType, MappingProxyType
from typing import cast

from jinja2 import nodes
from jinja2.meta import TrackingCodeGenerator

from asyncsynth.recipe.sandbox import Rendering, TemplateSandbox

_KEPT = 512  # texts: more than most recipes have

Place = tuple[int, int]  # of an expression that is put out: the number in the body, and the number there


@lru_cache(_KEPT)
def parsed(source: str) -> nodes.Template:
    """The template's tree, which is shared: nobody changes it.

    TemplateSyntaxError, with its line, where it can't be read or has what is refused; RecursionError where it is nested
    too deep.
    """
    return _compiler().parsed(source)


@lru_cache(_KEPT)
def names_of(source: str) -> Mapping[str, int]:
    """The names that a template looks up, with the line of their first use. Raises as `parsed`."""
    tree = parsed(source)
    looked_up = _looked_up(tree)
    lines: dict[str, int] = {}
    for node in tree.find_all(nodes.Name):
        if node.name in looked_up:
            lines.setdefault(node.name, node.lineno)
    return MappingProxyType(lines)


def _looked_up(tree: nodes.Template) -> set[str]:
    """As jinja2.meta.find_undeclared_variables, which works constants out on the way, and fails where they can't be."""
    generator = TrackingCodeGenerator(_compiler())
    generator.optimizer = None
    generator.visit(tree)
    return generator.undeclared_identifiers


def rendering(sandbox: TemplateSandbox, source: str) -> Rendering:
    """From the names' values to the rendered text. Raises as `parsed`."""
    return sandbox.rendering(_code(source))


def rendering_of(sandbox: TemplateSandbox, source: str, place: Place) -> Rendering:
    """The same of one expression that the template puts out."""
    return sandbox.rendering(_code(source, place))


@lru_cache(_KEPT)
def _code(source: str, place: Place | None = None) -> CodeType:
    tree = parsed(source)
    if place is not None:
        output, number = place
        node = cast("nodes.Output", tree.body[output]).nodes[number]
        tree = nodes.Template([nodes.Output([node], lineno=node.lineno)], lineno=1)
    return _compiler().code(tree)


@cache
def _compiler() -> TemplateSandbox:
    """Renders nothing but constants."""
    return TemplateSandbox()
