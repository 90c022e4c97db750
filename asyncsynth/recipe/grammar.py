"""What a template may be written with: a part of Jinja2, since what isn't there can't be misused.

Text, `{{ }}`, `{% if %}`, `{% for %}`, `{% set name = ... %}`, comments, {% raw %}; names, constants, lists and
tables; fields and slices; filters and tests; comparisons, `and`, `or`, `not`, `a if b else c`; `+ - * / // % ~`; and
methods of texts and tables that METHODS names. No macros, blocks, includes, namespaces, powers or other calls.
"""

from __future__ import annotations

from collections.abc import Iterator

from jinja2 import TemplateAssertionError, nodes

ALLOWED: frozenset[type[nodes.Node]] = frozenset(
    {
        nodes.Template,
        nodes.Output,
        nodes.TemplateData,
        nodes.If,
        nodes.For,
        nodes.Assign,
        nodes.Name,
        nodes.Const,
        nodes.List,
        nodes.Tuple,
        nodes.Dict,
        nodes.Pair,
        nodes.Keyword,
        nodes.Getattr,
        nodes.Getitem,
        nodes.Slice,
        nodes.Filter,
        nodes.Test,
        nodes.Call,
        nodes.Compare,
        nodes.Operand,
        nodes.CondExpr,
        nodes.And,
        nodes.Or,
        nodes.Not,
        nodes.Neg,
        nodes.Pos,
        nodes.Add,
        nodes.Sub,
        nodes.Mul,
        nodes.Div,
        nodes.FloorDiv,
        nodes.Mod,
        nodes.Concat,
    }
)
TAGS = ("if", "elif", "else", "endif", "for", "endfor", "set", "raw", "endraw")
WRITTEN = {
    nodes.Pow: "**",
    nodes.Macro: "{% macro %}",
    nodes.CallBlock: "{% call %}",
    nodes.FilterBlock: "{% filter %}",
    nodes.AssignBlock: "{% set %} with {% endset %}",
    nodes.With: "{% with %}",
    nodes.Block: "{% block %}",
    nodes.Extends: "{% extends %}",
    nodes.Include: "{% include %}",
    nodes.Import: "{% import %}",
    nodes.FromImport: "{% from %}",
    nodes.NSRef: "namespace",
    nodes.ScopedEvalContextModifier: "{% autoescape %}",
}
METHODS = frozenset(
    {
        "capitalize",
        "casefold",
        "count",
        "endswith",
        "find",
        "get",
        "index",
        "isalnum",
        "isalpha",
        "isdigit",
        "islower",
        "isspace",
        "isupper",
        "items",
        "join",
        "keys",
        "lower",
        "lstrip",
        "partition",
        "removeprefix",
        "removesuffix",
        "replace",
        "rfind",
        "rpartition",
        "rsplit",
        "rstrip",
        "split",
        "splitlines",
        "startswith",
        "strip",
        "swapcase",
        "title",
        "upper",
        "values",
    }
)
MAX_NODES = 20_000  # of a template: a bound for what runs between two steps of a loop


def check_grammar(parsed: nodes.Template) -> None:
    """TemplateAssertionError, with its line, for the first thing that no template may have."""
    for count, node in enumerate(_nodes(parsed), 1):
        if count > MAX_NODES:
            raise TemplateAssertionError(f"has more than {MAX_NODES:,} parts", node.lineno)
        if (what := _refused(node)) is not None:
            raise TemplateAssertionError(f"{what} is not possible in a template here{_instead(node)}", node.lineno)


def _nodes(node: nodes.Node) -> Iterator[nodes.Node]:
    """The node and all below it, without a recursion of their depth."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(list(node.iter_child_nodes())))


def _refused(node: nodes.Node) -> str | None:
    """How what can't be used is written; None for what can be."""
    if type(node) not in ALLOWED:
        return WRITTEN.get(type(node), type(node).__name__)
    if isinstance(node, nodes.For) and node.recursive:
        return "{% for %} with recursive"
    if isinstance(node, nodes.Call | nodes.Filter | nodes.Test) and (node.dyn_args or node.dyn_kwargs):
        return "* in arguments"
    if isinstance(node, nodes.Call):
        return _refused_call(node.node)
    if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
        return f".{node.attr}"
    return None


def _instead(node: nodes.Node) -> str:
    """How to write what is refused: tables of databases have columns like _id."""
    if isinstance(node, nodes.Getattr) and not node.attr.startswith("__"):
        return f'; write ["{node.attr}"]'
    return ""


def _refused_call(called: nodes.Expr) -> str | None:
    if isinstance(called, nodes.Getattr):
        return None if called.attr in METHODS else f".{called.attr}()"
    return f"{called.name}()" if isinstance(called, nodes.Name) else "a call of what is no method"
