"""The keys of a step's answers, put together from parts that were escaped before: nothing is rendered for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from asyncsynth.recipe.budget import MAX_CHARACTERS
from asyncsynth.recipe.canonical import canonical_text
from asyncsynth.recipe.filling import Fill, Unfit, filling
from asyncsynth.recipe.identity import Keys, asked_form, steps_form
from asyncsynth.recipe.pieces import Given, Part, Piece
from asyncsynth.recipe.render_errors import RENDER_ERRORS
from asyncsynth.recipe.rendering import UUID_NAME, Template
from asyncsynth.recipe.templates import RequestTemplates
from asyncsynth.values import Sample, Value

Takes = Callable[[int], str]  # from the number of a take to the key of its answer
_MADE_FROM = "made from"  # no name of an axis or a step


class StepKeys:
    """As Keys makes them of requests that are rendered, for a step whose earlier answers are all texts."""

    def __init__(self, keys: Keys, asked: Fill, *, of_axes: bool) -> None:
        self._keys, self._asked, self._of_axes = keys, asked, of_axes

    @classmethod
    def of(cls, keys: Keys, asked: RequestTemplates, axes: Mapping[str, Sequence[Value]]) -> StepKeys | None:
        """None where the requests that these templates make have to be rendered."""
        if asked.request is None:
            return None
        request, system = _escaped(asked.request), ["null"] if asked.system is None else _escaped(asked.system)
        if request is None or system is None:
            return None
        parts = asked_form(request, system, [Given(_MADE_FROM)])
        filled = filling(parts, axes)
        return None if filled is None else cls(keys, filled, of_axes=any(isinstance(part, Piece) for part in parts))

    def takes(self, sample: Sample, names: Mapping[str, str]) -> Takes | None:
        """Of the answers that it needs, by step as KEY/GENERATION; None where the request has to be rendered."""
        values: dict[str, Value] = {**names, _MADE_FROM: steps_form(names.values())}
        if self._of_axes:
            values = {**sample.combination, **values}
        try:
            asked = self._asked(values)
        except (Unfit, *RENDER_ERRORS):
            return None
        if len(asked) > MAX_CHARACTERS or not (asked.isascii() or _can_be_sent(asked)):
            return None
        return self._keys.of_asked(f"{sample.repeat}{asked}")


def _escaped(template: Template) -> list[Part] | None:
    """The parts of a string of JSON, without the UUID, which is left blank there."""
    if template.parts is None:
        return None
    blank = Given(UUID_NAME)
    return ['"', *(_escaped_part(part) for part in template.parts if part != blank), '"']


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
