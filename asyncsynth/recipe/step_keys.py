"""The keys of a step's answers, put together from parts that were escaped before: nothing is rendered for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from asyncsynth.recipe.budget import MAX_CHARACTERS
from asyncsynth.recipe.canonical import canonical_text
from asyncsynth.recipe.filling import Fill, Unfit, filling
from asyncsynth.recipe.identity import Keys, asked_form
from asyncsynth.recipe.pieces import Given, Part, Piece
from asyncsynth.recipe.render_errors import RENDER_ERRORS
from asyncsynth.recipe.rendering import UUID_NAME, Template
from asyncsynth.recipe.templates import RequestTemplates
from asyncsynth.values import Sample, Value

Takes = Callable[[int], str]  # from the number of a take to the key of its answer


class StepKeys:
    """As Keys makes them of requests that are rendered, for a step whose earlier answers are all texts."""

    def __init__(self, keys: Keys, request: Fill, system: Fill | None, *, of_axes: bool) -> None:
        self._keys, self._request, self._system, self._of_axes = keys, request, system, of_axes

    @classmethod
    def of(cls, keys: Keys, asked: RequestTemplates, axes: Mapping[str, Sequence[Value]]) -> StepKeys | None:
        """None where the requests that these templates make have to be rendered."""
        if asked.request is None:
            return None
        request, system = _escaped(asked.request, axes), None
        if asked.system is not None:
            system = _escaped(asked.system, axes)
            if system is None:
                return None
        of_axes = any(isinstance(part, Piece) for template in asked.all for part in template.parts or ())
        return None if request is None else cls(keys, request, system, of_axes=of_axes)

    def takes(self, sample: Sample, names: Mapping[str, str]) -> Takes | None:
        """Of the answers that it needs, by step as KEY/GENERATION; None where the request has to be rendered."""
        values: Mapping[str, Any] = {**sample.combination, **names} if self._of_axes else names
        try:
            request = self._request(values)
            system = None if self._system is None else self._system(values)
        except (Unfit, *RENDER_ERRORS):
            return None
        text = request if system is None else request + system
        if len(text) > MAX_CHARACTERS or not (text.isascii() or _can_be_sent(text)):
            return None
        return self._keys.of_asked(asked_form(sample.repeat, request, system or "null", names.values()))


def _escaped(template: Template, axes: Mapping[str, Sequence[Value]]) -> Fill | None:
    """What fills the template in, as a string of JSON; without the UUID, which is left blank there."""
    if template.parts is None:
        return None
    blank = Given(UUID_NAME)
    return filling(['"', *(_escaped_part(part) for part in template.parts if part != blank), '"'], axes)


def _escaped_part(part: Part) -> Part:
    if isinstance(part, str):
        return canonical_text(part)[1:-1]
    if isinstance(part, Given):
        return part  # KEY/GENERATION: nothing to escape
    render = part.render
    return Piece(part.axis, lambda value: canonical_text(render(value))[1:-1], plain=False)


def _can_be_sent(text: str) -> bool:
    """Whether it has no lone surrogate."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
