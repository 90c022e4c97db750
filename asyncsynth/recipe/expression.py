"""A condition of the config: an expression as in templates, which holds or doesn't."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import TemplateSyntaxError
from jinja2.meta import find_undeclared_variables

from asyncsynth.recipe.render_errors import RENDER_ERRORS, described
from asyncsynth.recipe.sandbox import TemplateSandbox


class Expression:
    """`names` are those that it looks up. ValueError, with what is wrong, for a source that is none."""

    __slots__ = ("_render", "names")

    def __init__(self, source: str, sandbox: TemplateSandbox) -> None:
        try:
            parsed = sandbox.parsed(f"{{% if ({source}\n) %}}1{{% endif %}}")
            self.names = frozenset(find_undeclared_variables(parsed))
            self._render = sandbox.compiled(parsed)
        except TemplateSyntaxError as error:
            raise ValueError(error.message or "can't be read") from error
        except RecursionError as error:
            raise ValueError("is nested too deep") from error

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether it holds for these values of its names. ValueError, with what is wrong, where that can't be said."""
        try:
            return self._render(values) == "1"
        except RENDER_ERRORS as error:
            raise ValueError(described(error)) from error
