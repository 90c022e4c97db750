"""Trees of parsed templates: what is kept of a text is shared, so a tree is changed in a copy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2 import nodes

Change = Callable[[nodes.Node], nodes.Node]


def changed(node: nodes.Node, change: Change) -> Any:
    """A copy in which every node is what `change` makes of its copy, the innermost first."""
    copy = type(node)(*(_changed(getattr(node, field), change) for field in node.fields))
    copy.lineno, copy.environment = node.lineno, node.environment
    return change(copy)


def _changed(part: Any, change: Change) -> Any:
    if isinstance(part, nodes.Node):
        return changed(part, change)
    return [_changed(one, change) for one in part] if isinstance(part, list) else part
