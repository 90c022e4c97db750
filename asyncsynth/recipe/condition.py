"""A condition: an expression in the words of templates, which holds for some names' values and for others doesn't."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import TemplateSyntaxError

from asyncsynth.errors import Problem, UsageError, nearest
from asyncsynth.recipe.parsing import names_of, rendering
from asyncsynth.recipe.render_errors import RENDER_ERRORS, described
from asyncsynth.recipe.sandbox import TemplateSandbox

_LIKE = 'like: genre == "horror" and year > 1990'


class Condition:
    """An expression such as `genre == "horror" and completion | length > 500`; `place` is where it stands.

    UsageError where it can't be read.
    """

    def __init__(self, source: str, place: str) -> None:
        self._told = f"{place} {source}"
        template = _template(source, self._told)
        try:
            self.names = frozenset(names_of(template))
            self._rendering = rendering(TemplateSandbox(), template)
        except (TemplateSyntaxError, RecursionError) as error:
            raise UsageError(f"{self._told}: {error}", hint=_LIKE) from error

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Raises UsageError where a name is unknown, with the nearest, and where it says nothing of these values."""
        for name in self.names:
            if name not in values:
                known = ", ".join(values)
                problem = Problem(self._told, f"nothing is called {name}", nearest(name, values))
                raise UsageError(str(problem), hint=f"names: {known}")
        try:
            return bool(self._rendering(values))
        except RENDER_ERRORS as error:
            raise UsageError(f"{self._told}: {described(error)}", hint=_LIKE) from error


def names_in(source: str) -> frozenset[str]:
    """The names of an expression; none where it can't be read."""
    try:
        return frozenset(names_of(_template(source, "")))
    except (UsageError, TemplateSyntaxError, RecursionError):
        return frozenset()


def _template(source: str, told: str) -> str:
    if "%}" in source or not source.strip():
        raise UsageError(f"{told}: this is not an expression", hint=_LIKE)
    return f"{{% if ({source}) %}}1{{% endif %}}"
