"""The templates of a recipe: checked against the axes before anything is paid for, then rendered for each sample."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from jinja2 import TemplateSyntaxError

from asyncsynth.config import Prompt
from asyncsynth.errors import Problem, UsageError, nearest
from asyncsynth.recipe.rendering import BLANK_UUID, RENDER_ERRORS, UUID_NAME, Template, described
from asyncsynth.recipe.sandbox import TemplateSandbox
from asyncsynth.values import Value

CHECK_UUID = "00000000-0000-5000-8000-000000000000"
CHECKED_VALUES = 1000  # of an axis that a check renders; an axis of more is taken to be like its first ones

Axes = Mapping[str, Sequence[Value]]


class Templates:
    """The request, system and record templates of a recipe, compiled once.

    UsageError where one can't be compiled; `check` tells it as Problems beforehand.
    """

    __slots__ = ("_record", "_request", "_system")

    def __init__(self, prompt: Prompt) -> None:
        sandbox = TemplateSandbox()
        try:
            compiled = {place: Template(sandbox, place, source) for place, source in _sources(prompt)}
        except (TemplateSyntaxError, RecursionError) as error:
            raise UsageError(f"a template can't be compiled: {error}", hint="correct it in the config") from error
        self._request = compiled["prompt.request"]
        self._record = compiled["prompt.record"]
        self._system = compiled.get("prompt.system")

    def asked(self, combination: Mapping[str, Value]) -> tuple[str, str | None]:
        """The request and the system text, None where the recipe has none, with the UUID left blank.

        UsageError where one can't be rendered, as below.
        """
        values = {**combination, UUID_NAME: BLANK_UUID}
        return self._request.render_sample(values), self._system_text(values)

    def texts(self, combination: Mapping[str, Value], uuid: str) -> tuple[str, str | None, str]:
        """The request, the system text, and the training prompt with its trailing blanks."""
        values = {**combination, UUID_NAME: uuid}
        return self._request.render_sample(values), self._system_text(values), self._record.render_sample(values)

    def _system_text(self, values: dict[str, Value]) -> str | None:
        return None if self._system is None else self._system.render_sample(values)


def check(prompt: Prompt, axes: Axes) -> list[Problem]:
    """Every mistake that can be seen in the templates before a run; empty where they are right.

    Each is compiled, its names are compared with the axes, and it is rendered with the first value of every axis,
    then with each further value beside the first ones of the others, so that a table without a field is found.
    An axis of several values that neither request nor system text uses would ask each request several times.
    """
    sandbox = TemplateSandbox()
    problems: list[Problem] = []
    compiled: list[Template] = []
    for place, source in _sources(prompt):
        try:
            compiled.append(Template(sandbox, place, source))
        except TemplateSyntaxError as error:
            problems.append(_syntax_problem(place, error, sandbox))
        except RecursionError:
            problems.append(Problem(place, "is nested too deep"))
    for template in compiled:
        unknown = list(_unknown_names(template, axes, sandbox))
        problems += unknown or _render_problems(template, axes)
    asking = [template for template in compiled if template.place != "prompt.record"]
    if len(asking) == (1 if prompt.system is None else 2):
        # A misspelt name is one mistake, not an unknown name and an unused axis.
        meant = {problem.nearest for problem in problems}
        problems += [problem for name, problem in _unused_axes(asking, axes) if name not in meant]
    return problems


def _sources(prompt: Prompt) -> list[tuple[str, str]]:
    sources = [("prompt.request", prompt.request), ("prompt.record", prompt.record)]
    return sources if prompt.system is None else [*sources, ("prompt.system", prompt.system)]


def _syntax_problem(place: str, error: TemplateSyntaxError, sandbox: TemplateSandbox) -> Problem:
    message = error.message or "can't be read"
    named = re.match(r"No (filter|test) named '(.*?)'", message)
    known: Iterable[str] = ()
    if named is not None:
        known = sandbox.filters if named[1] == "filter" else sandbox.tests
    return Problem(place, f"line {error.lineno}: {message}", nearest(named[2], known) if named else None)


def _unknown_names(template: Template, axes: Axes, sandbox: TemplateSandbox) -> Iterator[Problem]:
    known = (*axes, UUID_NAME)
    for name, line in sorted(template.names.items(), key=lambda item: (item[1], item[0])):
        if name not in known and name not in sandbox.globals:
            yield Problem(template.place, f"line {line}: there is no axis {name!r}", nearest(name, known))


def _unused_axes(asking: Iterable[Template], axes: Axes) -> Iterator[tuple[str, Problem]]:
    used = {name for template in asking for name in template.names}
    for name, values in axes.items():
        if name not in used and len(values) > 1:
            what = "prompt.request never uses it, so all its values would ask the same request"
            yield name, Problem(f"axes.{name}", f"{what}; for more samples of one request set combinations.repeats")


def _render_problems(template: Template, axes: Axes) -> list[Problem]:
    """The first rendering that goes wrong, if one does: one mistake often shows in many."""
    for combination, changed in _checked_combinations(axes):
        beside = f" (with {changed} = {combination[changed]!r})" if changed else ""
        for uuid, which in ((CHECK_UUID, ""), (BLANK_UUID, ", uuid left blank as for the key")):
            try:
                text = template.render({**combination, UUID_NAME: uuid})
            except RENDER_ERRORS as error:
                return [Problem(template.place, f"{described(error)}{beside}{which}", _nearest_field(error, axes))]
        if template.place == "prompt.request" and not text.strip():
            return [Problem(template.place, f"renders to nothing{beside}")]
    return []


def _checked_combinations(axes: Axes) -> Iterator[tuple[dict[str, Value], str | None]]:
    """The first value of each axis, then every further value in its place, with the axis that is changed."""
    first = {name: values[0] for name, values in axes.items()}
    yield first, None
    for name, values in axes.items():
        for value in islice(values, 1, CHECKED_VALUES):
            yield {**first, name: value}, name


def _nearest_field(error: BaseException, axes: Axes) -> str | None:
    missing = re.search(r"has no attribute '(.*?)'", str(error))
    fields = {field for values in axes.values() for value in values if isinstance(value, Mapping) for field in value}
    return nearest(missing[1], sorted(fields)) if missing else None
