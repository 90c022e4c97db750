"""One template: compiled once, rendered to text, its errors told with their line."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from asyncsynth.config.shown import shown
from asyncsynth.errors import UsageError
from asyncsynth.recipe.budget import MAX_CHARACTERS
from asyncsynth.recipe.filling import Unfit, filling
from asyncsynth.recipe.parsing import names_of, rendering
from asyncsynth.recipe.pieces import Part, taken_apart
from asyncsynth.recipe.render_errors import RENDER_ERRORS, described
from asyncsynth.recipe.sandbox import Rendering, TemplateSandbox
from asyncsynth.values import Value

UUID_NAME = "uuid"  # the name that the templates of a request have beside the axes
COMPLETION_NAME = "completion"  # the name that the templates of a record have beside the axes


class Template:
    """One compiled template; `place` is where the config has it, `given` what it has beside the axes.

    jinja2.TemplateSyntaxError, or RecursionError for one nested too deep, where the source can't be compiled.
    """

    __slots__ = ("_fill", "_sandbox", "_whole", "given", "names", "parts", "place", "source")

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
        self.names = names_of(source)
        self.parts: tuple[Part, ...] | None = taken_apart(source, sandbox, axes, given)
        self.source, self._sandbox = source, sandbox
        fill = None if self.parts is None else filling(self.parts, axes)
        self._fill = self._rendered_whole if fill is None else fill
        self._whole: Rendering | None = rendering(sandbox, source) if fill is None else None

    def render(self, values: Mapping[str, Value]) -> str:
        """The text for these values of the axes and of the given names; any of RENDER_ERRORS where there is none."""
        try:
            text = self._fill(values)
        except Unfit:
            text = self._rendered_whole(values)
        if len(text) > MAX_CHARACTERS or not text.isascii():
            _check(text)
        return text

    def render_sample(self, values: Mapping[str, Value]) -> str:
        """The same; UsageError that names the template and the combination."""
        try:
            text = self._fill(values)
            if len(text) > MAX_CHARACTERS or not text.isascii():
                _check(text)
        except Unfit:
            return self._render_whole_sample(values)
        except RENDER_ERRORS as error:
            raise self._unrendered(values, error) from error
        return text

    def _render_whole_sample(self, values: Mapping[str, Value]) -> str:
        try:
            return self.render(values)
        except RENDER_ERRORS as error:
            raise self._unrendered(values, error) from error

    def _unrendered(self, values: Mapping[str, Value], error: Exception) -> UsageError:
        combination = ", ".join(f"{name} = {shown(value)}" for name, value in values.items() if name not in self.given)
        return UsageError(
            f"{self.place}: {described(error)} (with {combination})",
            hint="correct the template; `preview` renders it and sends nothing",
        )

    def _rendered_whole(self, values: Mapping[str, Value]) -> str:
        if self._whole is None:  # compiling it takes longer than all the rest, and few need it
            self._whole = rendering(self._sandbox, self.source)
        return self._whole(values)


def _check(text: str) -> None:
    """ValueError for a text that is too long, or can't be sent."""
    if len(text) > MAX_CHARACTERS:
        raise ValueError(f"a text of {len(text):,} characters; at most {MAX_CHARACTERS:,} are possible")
    text.encode()  # a lone surrogate can't be sent: UnicodeEncodeError is a ValueError
