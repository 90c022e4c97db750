"""What is wrong with the templates of a config: found before anything is sent, each with its place and nearest name."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from types import MappingProxyType
from typing import Any

from jinja2 import TemplateSyntaxError

from asyncsynth.config import Record
from asyncsynth.config.axis_values import UNKNOWN
from asyncsynth.config.config import StepSection
from asyncsynth.config.shown import shown
from asyncsynth.config.sources import Axes, Dependent, Drawn
from asyncsynth.errors import Problem, nearest
from asyncsynth.recipe.axes import Tried, tried, values_of
from asyncsynth.recipe.filters import FILTERS, TESTS
from asyncsynth.recipe.grammar import TAGS
from asyncsynth.recipe.render_errors import RENDER_ERRORS, described
from asyncsynth.recipe.rendering import COMPLETION_NAME, UUID_NAME, Template
from asyncsynth.recipe.sandbox import TemplateSandbox
from asyncsynth.recipe.templates import BLANK_UUID
from asyncsynth.values import Value

CHECK_UUID = "00000000-0000-5000-8000-000000000000"
CHECK_COMPLETION = "An answer."
CHECKED_VALUES = 1000  # of an axis that a check renders; an axis of more is taken to be like its first ones
CHECKED_SECONDS = 5.0  # of processor time for a template; what takes longer is taken to go on as it began
MAY_SAY_NOTHING = ".system"  # the end of its place
_CLOSING = "'end of print statement'", "}}"  # as Jinja2 and people call it
NO_EXAMPLES: Mapping[str, Any] = MappingProxyType({})
# Names that other templates have.
ELSEWHERE = {
    UUID_NAME: "uuid is part of the request and not of the training example",
    COMPLETION_NAME: "completion is there for the training example only, not for the request",
}

Values = Mapping[str, Sequence[Value]]  # by the name of their axis
Groups = Sequence[Tried]


def check(
    steps: Sequence[StepSection],
    record: Record | None,
    axes: Axes,
    processor_time: Callable[[], float] = time.thread_time,
    examples: Mapping[str, Any] = NO_EXAMPLES,
) -> list[Problem]:
    """Every mistake that can be seen in the templates before a run; empty where they are right.

    Each is compiled, its names are compared with the axes and the steps, and it is rendered with the first value of
    every axis, then with each further value beside the first ones of the others, so that a table without a field is
    found. `examples` are answers of steps whose answers are no plain texts; UNKNOWN of one that is left out.
    An axis of several values that no request or system text uses would ask each request several times.
    Steps that are wrong for other reasons are left out, and a record that is wrong is None.
    """
    sandbox, values, groups = TemplateSandbox(), values_of(axes), tried(axes, CHECKED_VALUES)
    names = list(dict.fromkeys((*(step.name for step in steps), *examples))) or [COMPLETION_NAME]
    problems: list[Problem] = []
    asking = [
        _compiled(sandbox, place, source, values, given, problems) for place, source, given in _asking(steps, names)
    ]
    kept = [
        _compiled(sandbox, place, source, values, names, problems)
        for place, source in (() if record is None else record.templates())
    ]
    answers = {name: examples.get(name, CHECK_COMPLETION) for name in names}
    rendered = partial(_render_problems, groups=groups, processor_time=processor_time, answers=answers)
    untold = {name for name, answer in answers.items() if answer is UNKNOWN}
    problems += _of_names_and_renderings([*asking, *kept], axes, untold, rendered)
    if record is not None and None not in kept and not _keeps_an_answer(kept, problems, names):
        uses = " or ".join(f"{{{{ {name} }}}}" for name in names[:3])
        what = f"never uses {uses}, so what the model writes would be in no training example"
        problems.append(Problem("record", what))
    if steps and None not in asking and not untold:
        # A misspelt name is one mistake, not an unknown name and an unused axis.
        meant = {problem.nearest for problem in problems}
        used = [template for template in asking if template is not None]
        lengths = {step.prompt.dialogue for step in steps}  # which are part of what is asked
        problems += [problem for name, problem in _unused_axes(used, axes) if name not in meant | lengths]
    return problems


def _of_names_and_renderings(
    templates: Iterable[Template | None],
    axes: Axes,
    untold: AbstractSet[str],
    rendered: Callable[[Template], list[Problem]],
) -> Iterator[Problem]:
    for template in templates:
        if template is not None:
            unknown = list(_unknown_names(template, axes))
            yield from unknown
            told = untold.isdisjoint(template.names) and all(values is not UNKNOWN for values in axes.values())
            if told and not unknown:
                yield from rendered(template)


def _asking(steps: Sequence[StepSection], names: Sequence[str]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Each template of what is sent, with its place and the names that it has beside the axes."""
    for step in steps:
        others = [name for name in names if name != step.name]
        for said in step.prompt.templates:
            yield f"{step.place}.{said.place}", said.template, (UUID_NAME, *others)


def _keeps_an_answer(kept: Iterable[Template | None], problems: Iterable[Problem], names: Collection[str]) -> bool:
    meant = any(problem.nearest in names for problem in problems)
    used = {name for template in kept if template is not None for name in template.names}
    return meant or not used.isdisjoint(names)


def _compiled(
    sandbox: TemplateSandbox,
    place: str,
    source: str,
    values: Values,
    given: Sequence[str],
    problems: list[Problem],
) -> Template | None:
    try:
        return Template(sandbox, place, source, values, given)
    except TemplateSyntaxError as error:
        problems.append(_syntax_problem(place, error))
    except RecursionError:
        problems.append(Problem(place, "is nested too deep"))
    return None


def _syntax_problem(place: str, error: TemplateSyntaxError) -> Problem:
    message, near = (error.message or "can't be read").rstrip(".").replace(*_CLOSING), None
    if named := re.match(r"(?:No (filter|test) named|Encountered unknown (tag)) '(.*?)'", message):
        known = {"filter": FILTERS, "test": TESTS, "tag": TAGS}[named[1] or named[2]]
        near = nearest(named[3], known)
    return Problem(place, f"line {error.lineno}: {message}", near)


def _unknown_names(template: Template, axes: Axes) -> Iterator[Problem]:
    known = (*axes, *template.given)
    for name, line in sorted(template.names.items(), key=lambda item: (item[1], item[0])):
        if name not in known:
            told = ELSEWHERE.get(name)
            if template.place.startswith(f"steps.{name}."):
                told = f"{name} is this step's own answer, which is not there yet"
            what = told or f"there is no axis {name!r}"
            yield Problem(template.place, f"line {line}: {what}", None if told else nearest(name, known))


def _unused_axes(asking: Sequence[Template], axes: Axes) -> Iterator[tuple[str, Problem]]:
    used = {name for template in asking for name in template.names}
    for name in axes:
        if name in used:
            used.update(_above(name, axes))  # what depends on an axis tells its values apart
    for name, values in axes.items():
        if name in used or isinstance(values, Drawn):  # what is drawn may be for the training example alone
            continue
        if isinstance(values, Dependent) or len(values) > 1:
            hint = "for more samples of one request set combinations.repeats"
            if any(name in single_braced(template.source) for template in asking):
                hint = f"{{{name}}} is no more than a text: write {{{{ {name} }}}}"
            what = f"no request uses it, so all its values would ask the same; {hint}"
            yield name, Problem(f"axes.{name}", what)


def single_braced(source: str) -> set[str]:
    """The names that stand in single braces, as Python's format has them: here they are a part of the text."""
    return set(re.findall(r"(?<!\{)\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}(?!\})", source))


def _above(name: str, axes: Axes) -> Iterator[str]:
    """The axes that an axis depends on."""
    while isinstance(values := axes[name], Dependent):
        name = values.by
        yield name


def _render_problems(
    template: Template, groups: Groups, processor_time: Callable[[], float], answers: Mapping[str, Any]
) -> list[Problem]:
    """The first rendering that goes wrong, if one does: one mistake often shows in many."""
    until = processor_time() + CHECKED_SECONDS
    asks = UUID_NAME in template.given
    before = {name: answer for name, answer in answers.items() if name in template.given}
    given = [(before, "")]
    if asks:
        blank = {**before, UUID_NAME: BLANK_UUID}, ", uuid left blank as for the key"
        given = [({**before, UUID_NAME: CHECK_UUID}, ""), blank]
    for combination, beside in _checked_combinations(groups):
        for names, which in given:
            try:
                text = template.render({**combination, **names})
            except RENDER_ERRORS as error:
                near, advice = _nearest_field(error, groups)
                return [Problem(template.place, f"{described(error)}{beside()}{which}{advice}", near)]
        if asks and not template.place.endswith(MAY_SAY_NOTHING) and not text.strip():
            return [Problem(template.place, f"renders to nothing{beside()}")]
        if processor_time() > until:
            break
    return []


def _checked_combinations(groups: Groups) -> Iterator[tuple[dict[str, Value], Callable[[], str]]]:
    """The first value of each axis, then every further value in its place, with words for what is changed."""
    first = {name: value for names, rows, _ in groups for name, value in zip(names, rows[0], strict=True)}
    yield first, str
    for names, rows, places in groups:
        for number, row in enumerate(rows[1:], 1):
            changed = dict(zip(names, row, strict=True))
            yield {**first, **changed}, partial(_beside, changed, places[number] if places else None)


def _beside(values: Mapping[str, Value], place: Callable[[], str] | None) -> str:
    told = [f"{name} = {shown(value)}" for name, value in values.items()]
    return f" (with {', '.join(told if place is None else [*told, place()])})"


def _nearest_field(error: BaseException, groups: Groups) -> tuple[str | None, str]:
    """Of a field that a table lacks the nearest one, or what to do where other tables have it."""
    lacking = re.search(r"has no field '(.*?)'", str(error))
    if lacking is None:
        return None, ""
    tables = (value for _, rows, _ in groups for row in rows for value in row if isinstance(value, Mapping))
    fields = {field for table in tables for field in table}
    if lacking[1] in fields:
        return None, f'; others have it: write .{lacking[1]} | default("...")'
    return nearest(lacking[1], sorted(fields)), ""
