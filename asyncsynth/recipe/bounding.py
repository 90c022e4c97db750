"""Puts the budget into a parsed template: around what loops go through, what `~` joins, and slices; and marks calls."""

from __future__ import annotations

from typing import cast

from jinja2 import nodes

from asyncsynth.recipe.trees import changed


def bounded(tree: nodes.Template) -> nodes.Template:
    """A copy with the filters `counted`, `join` and `made` put in, and `method` for what is called."""
    return cast("nodes.Template", changed(tree, _bounded))


def _bounded(node: nodes.Node) -> nodes.Node:
    if isinstance(node, nodes.For):
        node.iter = _filtered(node.iter, "counted")
    elif isinstance(node, nodes.Concat):
        return _filtered(nodes.List(node.nodes, lineno=node.lineno, environment=node.environment), "join")
    elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Slice):
        return _filtered(node, "made")
    elif isinstance(node, nodes.Call):
        called = cast("nodes.Getattr", node.node)  # by the grammar
        node.node = _filtered(called.node, "method", nodes.Const(called.attr))
    return node


def _filtered(node: nodes.Node, name: str, *args: nodes.Expr) -> nodes.Filter:
    filtered = cast("nodes.Expr", node)
    return nodes.Filter(filtered, name, list(args), [], None, None, lineno=node.lineno, environment=node.environment)
