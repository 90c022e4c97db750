"""A condition: an expression in the words of templates, which holds for some names' values and for others doesn't."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import TemplateSyntaxError
from jinja2.meta import find_undeclared_variables

from asyncsynth.errors import Problem, UsageError, nearest
from asyncsynth.recipe.render_errors import RENDER_ERRORS, described
from asyncsynth.recipe.sandbox import TemplateSandbox

_LIKE = 'like: genre == "horror" and year > 1990'


class Condition:
    """An expression such as `genre == "horror" and completion | length > 500`; `place` is where it stands.

    UsageError where it can't be read.
    """

    def __init__(self, source: str, place: str) -> None:
        self._told = f"{place} {source}"
        sandbox = TemplateSandbox()
        if "%}" in source or not source.strip():
            raise UsageError(f"{self._told}: this is no expression", hint=_LIKE)
        try:
            parsed = sandbox.parsed(f"{{% if ({source}) %}}1{{% endif %}}")
            self.names = find_undeclared_variables(parsed)
            self._rendering = sandbox.compiled(parsed)
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
