"""One template: compiled once, rendered to text, its errors told with their line."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from jinja2 import TemplateAssertionError, nodes
from jinja2.meta import find_undeclared_variables

from asyncsynth.errors import UsageError
from asyncsynth.recipe.filling import Stranger, filling
from asyncsynth.recipe.pieces import Part, taken_apart
from asyncsynth.recipe.render_errors import RENDER_ERRORS, described
from asyncsynth.recipe.sandbox import MAX_CHARACTERS, TemplateSandbox
from asyncsynth.text import printable_line
from asyncsynth.values import Value

UUID_NAME = "uuid"  # the name that the templates of a request have beside the axes
COMPLETION_NAME = "completion"  # the name that the templates of a record have beside the axes
SHOWN = 80  # characters of a value in a message


class Template:
    """One compiled template; `place` is where the config has it, `given` what it has beside the axes.

    jinja2.TemplateSyntaxError, or RecursionError for one nested too deep, where the source can't be compiled.
    """

    __slots__ = ("_fill", "_parsed", "_sandbox", "_whole", "given", "names", "parts", "place")

    def __init__(
        self,
        sandbox: TemplateSandbox,
        place: str,
        source: str,
        axes: Mapping[str, Sequence[Value]],
        given: Collection[str] = (UUID_NAME,),
    ) -> None:
        self.place = place
        self.given = given
        parsed = sandbox.parse(source)
        _check_filters_and_tests(parsed, sandbox)
        self.names: dict[str, int] = _names(parsed)  # that it looks up, with the line of their first use
        self.parts: tuple[Part, ...] | None = taken_apart(parsed, sandbox, axes, given)
        self._fill = None if self.parts is None else filling(self.parts, axes)
        # The whole is needed at once where it can't be filled in; compiling it takes longer than all the rest.
        self._whole = sandbox.compiled(parsed) if self._fill is None else None
        self._parsed, self._sandbox = parsed, sandbox

    def render(self, values: Mapping[str, Value]) -> str:
        """The text for these values of the axes and of the given names; any of RENDER_ERRORS where there is none."""
        text = self._text(values)
        if len(text) > MAX_CHARACTERS:
            raise ValueError(f"a text of {len(text):,} characters; at most {MAX_CHARACTERS:,} are possible")
        if not text.isascii():
            text.encode()  # a lone surrogate can't be sent: UnicodeEncodeError is a ValueError
        return text

    def render_sample(self, values: Mapping[str, Value]) -> str:
        """The same; UsageError that names the template and the combination."""
        try:
            return self.render(values)
        except RENDER_ERRORS as error:
            combination = ", ".join(
                f"{name} = {printable_line(repr(value), SHOWN)}"
                for name, value in values.items()
                if name not in self.given
            )
            raise UsageError(
                f"{self.place}: {described(error)} (with {combination})",
                hint="correct the template; `preview` renders it and sends nothing",
            ) from error

    def _text(self, values: Mapping[str, Value]) -> str:
        if self._fill is not None:
            try:
                return self._fill(values)
            except Stranger:
                pass
        if self._whole is None:
            self._whole = self._sandbox.compiled(self._parsed)
        return self._whole(values)


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
