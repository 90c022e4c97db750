"""The Jinja2 environment of the templates: no way out of it, nothing random in it, and no endless work.

Beyond Jinja2's ImmutableSandboxedEnvironment and StrictUndefined:
- what would render differently in every process is refused: `random`, `lipsum`, and printing a method, a generator
  or another object by its address; keys and so paid answers depend on renderings being repeatable;
- a field of a table comes before a method of dict, so {{ place.items }} is the field;
- each rendering has a budget of work, spent by loop steps, calls, filters and the text they make. A single filter
  or method that squares a text within that budget (`replace`, `join`) is the machine's memory to refuse.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, cast

from jinja2 import StrictUndefined, Undefined, nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

MAX_CHARACTERS = 10_000_000  # of a rendered text, and of what a template makes on the way to it
MAX_WORK = 20_000_000  # of one rendering, in characters made; about 200,000 loop steps
STEP_WORK = 100  # a loop step, a call or a filter, in characters
MAX_POWER_BITS = 10_000
# Filters and methods whose arguments are widths, counts or precisions.
SIZED = frozenset({"batch", "center", "expandtabs", "indent", "ljust", "rjust", "round", "slice", "zfill"})

PRINTABLE = (str, int, float, list, tuple, dict, type(None), Undefined)  # Undefined raises for itself


class _Bounding(NodeTransformer):
    """Puts the budget into a parsed template: around what loops go through and what `~` joins."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 - the visitor's naming
        self.generic_visit(node)
        node.iter = _filtered(node.iter, "counted")
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 - the visitor's naming
        self.generic_visit(node)
        return _filtered(nodes.List(node.nodes, lineno=node.lineno, environment=node.environment), "join")


def _filtered(node: nodes.Node, name: str) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno, environment=node.environment)


class TemplateSandbox(ImmutableSandboxedEnvironment):
    """Compiles templates and, while they render, keeps their budget; renders one text at a time."""

    intercepted_binops = frozenset({"+", "*", "**"})

    def __init__(self) -> None:
        super().__init__(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False, finalize=_printable)
        self._work = 0
        del self.globals["lipsum"], self.filters["random"]
        self.filters = {name: self._bounded(name, one) for name, one in self.filters.items()}
        self.filters["counted"] = self._counted
        # Blocks, macros and the whole text are put together by this attribute.
        self.concat = self._concat  # type: ignore[method-assign]  # jinja2 takes it from the instance

    def compiled(self, parsed: nodes.Template) -> Callable[[Mapping[str, Any]], str]:
        """A function from the names' values to the rendered text. TemplateError where it can't be compiled."""
        template = self.from_string(_Bounding().visit(parsed))

        def render(names: Mapping[str, Any]) -> str:
            self._work = 0
            return self._concat(template.root_render_func(template.new_context(dict(names))))

        return render

    def expression(self, node: nodes.Node) -> Callable[[Mapping[str, Any]], str]:
        """The same of what `{{ }}` around the expression would put out."""
        output = nodes.Output([cast("nodes.Expr", node)], lineno=node.lineno)
        template = nodes.Template([output], lineno=1)
        template.set_environment(self)
        return self.compiled(template)

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        if getattr(obj, "__name__", None) in SIZED:
            _check_arguments(args, kwargs)
        return self._spent(super().call(context, obj, *args, **kwargs))

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        if operator == "**" and isinstance(left, int) and isinstance(right, int):
            if left.bit_length() * right > MAX_POWER_BITS:
                raise SecurityError(f"{left} ** {right} is too large")
        elif operator == "*":
            for sequence, times in ((left, right), (right, left)):
                if isinstance(sequence, str | list | tuple) and isinstance(times, int):
                    _check_size(len(sequence) * times)
        return self._spent(super().call_binop(context, operator, left, right))

    def _bounded(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)  # keeps what jinja2 notes on a filter
        def bounded(*args: Any, **kwargs: Any) -> Any:
            if name in SIZED:
                _check_arguments(args[1:], kwargs)  # the first one is filtered, and may be any number
            return self._spent(function(*args, **kwargs))

        return bounded

    def _counted(self, values: Iterable[Any]) -> Iterator[Any]:
        for value in values:
            self._spend(STEP_WORK)
            yield value

    def _concat(self, pieces: Iterable[str]) -> str:
        text = "".join(self._measured(pieces))
        _check_size(len(text))
        return text

    def _measured(self, pieces: Iterable[str]) -> Iterator[str]:
        for piece in pieces:
            self._spend(len(piece))
            yield piece

    def _spent(self, made: Any) -> Any:
        self._spend(STEP_WORK + (len(made) if isinstance(made, str | list | tuple) else 0))
        return made

    def _spend(self, work: int) -> None:
        self._work += work
        if self._work > MAX_WORK:
            raise SecurityError("renders too much: a loop without end, or a text of many million characters")


def _printable(value: Any) -> Any:
    if isinstance(value, PRINTABLE):
        return value
    raise SecurityError(f"prints a {type(value).__name__}, not a text; a | list or a pair of () may be missing")


def _check_arguments(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    for one in (*args, *kwargs.values()):
        if isinstance(one, int):
            _check_size(one)


def _check_size(size: int) -> None:
    if size > MAX_CHARACTERS:
        raise SecurityError(f"a text of {size:,} characters; at most {MAX_CHARACTERS:,} are possible")
