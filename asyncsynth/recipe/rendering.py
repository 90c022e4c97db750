"""One template: compiled once, rendered to text, its errors told with their line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2 import TemplateAssertionError, TemplateError, nodes
from jinja2.meta import find_undeclared_variables

from asyncsynth.errors import UsageError
from asyncsynth.recipe.sandbox import MAX_CHARACTERS, TemplateSandbox
from asyncsynth.values import Value

UUID_NAME = "uuid"  # the name that templates have beside the axes
BLANK_UUID = ""

# What an expression of a template can raise; the sandbox lets the errors of Python's own operations through.
RENDER_ERRORS = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RuntimeError,
    TypeError,
    ValueError,
)


class Template:
    """One compiled template; `place` is where the config has it.

    jinja2.TemplateSyntaxError, or RecursionError for one nested too deep, where the source can't be compiled.
    """

    __slots__ = ("_render", "names", "place")

    def __init__(self, sandbox: TemplateSandbox, place: str, source: str) -> None:
        self.place = place
        parsed = sandbox.parse(source)
        _check_filters_and_tests(parsed, sandbox)
        self.names: dict[str, int] = _names(parsed)  # that it looks up, with the line of their first use
        plain = _format_string(parsed)
        # Text and names alone are rendered by str.format_map: the same text in a fifth of the time.
        self._render: Callable[[dict[str, Any]], str] = sandbox.compiled(parsed) if plain is None else plain.format_map

    def render(self, values: dict[str, Value]) -> str:
        """The text for these values of the axes and UUID_NAME; any of RENDER_ERRORS where there is none."""
        text = self._render(values)
        if len(text) > MAX_CHARACTERS:
            raise ValueError(f"a text of {len(text):,} characters; at most {MAX_CHARACTERS:,} are possible")
        if not text.isascii():
            text.encode()  # a lone surrogate can't be sent: UnicodeEncodeError is a ValueError
        return text

    def render_sample(self, values: dict[str, Value]) -> str:
        """The same; UsageError that names the template and the combination."""
        try:
            return self.render(values)
        except RENDER_ERRORS as error:
            combination = ", ".join(f"{name} = {value!r}" for name, value in values.items() if name != UUID_NAME)
            raise UsageError(
                f"{self.place}: {described(error)} (with {combination})",
                hint="correct the template; `preview` renders it and sends nothing",
            ) from error


def described(error: BaseException) -> str:
    """What went wrong in a rendering, after the line of the template where it is known."""
    line = None
    trace = error.__traceback__
    while trace is not None:
        template = trace.tb_frame.f_globals.get("__jinja_template__")
        if template is not None:
            line = template.get_corresponding_lineno(trace.tb_lineno)
        trace = trace.tb_next
    what = f"{error.args[0]!r} is undefined" if isinstance(error, KeyError) and error.args else str(error)
    what = what or type(error).__name__
    return what if line is None else f"line {line}: {what}"


def _check_filters_and_tests(parsed: nodes.Template, sandbox: TemplateSandbox) -> None:
    """Jinja2 itself tells unknown ones inside of `if` only when they are reached, which may be late in a run."""
    for node in parsed.find_all((nodes.Filter, nodes.Test)):
        kind, known = ("filter", sandbox.filters) if isinstance(node, nodes.Filter) else ("test", sandbox.tests)
        if node.name not in known:
            raise TemplateAssertionError(f"No {kind} named {node.name!r}.", node.lineno)


def _names(parsed: nodes.Template) -> dict[str, int]:
    looked_up = find_undeclared_variables(parsed)
    lines: dict[str, int] = {}
    for node in parsed.find_all(nodes.Name):
        if node.name in looked_up:
            lines.setdefault(node.name, node.lineno)
    return lines


def _format_string(parsed: nodes.Template) -> str | None:
    """The template for str.format_map, or None where it has more than text and names."""
    parts = []
    for output in parsed.body:
        if not isinstance(output, nodes.Output):
            return None
        for node in output.nodes:
            if isinstance(node, nodes.TemplateData):
                parts.append(node.data.replace("{", "{{").replace("}", "}}"))
            elif isinstance(node, nodes.Name):
                parts.append(f"{{{node.name}}}")
            else:
                return None
    return "".join(parts)
