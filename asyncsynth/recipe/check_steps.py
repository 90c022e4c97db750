"""What is wrong with how the steps of a recipe need each other, and with what they keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jinja2 import TemplateSyntaxError

from asyncsynth.config import Record
from asyncsynth.config.axis_values import UNKNOWN
from asyncsynth.config.config import StepSection
from asyncsynth.errors import Problem, UsageError, nearest
from asyncsynth.recipe.condition import Condition
from asyncsynth.recipe.ordering import Needs, circle, in_order, names_read_in, needs_among
from asyncsynth.recipe.parsing import names_of

Examples = Mapping[str, Any]  # of answers and of the axes' values, by name


def check_steps(
    steps: Sequence[StepSection], record: Record | None, examples: Examples, wrong: Sequence[str] = ()
) -> list[Problem]:
    """Circles, judges of nothing or of what they never see, unused answers, and conditions that can't be evaluated.

    `examples` has a value for each axis and each step, UNKNOWN where it is not known. `wrong` names the steps that are
    left out, since they are wrong for other reasons. `record` None: answers may be used by what is not looked at.
    """
    names, needs = [*(step.name for step in steps), *wrong], needs_among(steps)
    problems = [problem for step in steps for problem in _of_judge(step, names)]
    if around := circle(needs):
        place = needs[around[0]].by[around[1]]
        problems.append(Problem(place, f"needs an answer that is made from its own: {' -> '.join(around)}"))
        return problems
    problems += [problem for step in steps for problem in _of_blind_judge(step, needs)]
    order = in_order(needs)
    problems += [problem for step in steps for problem in _of_condition(step, order, examples)]
    if record is not None and not problems:
        problems += _unused(steps, needs, record)
    return problems


def _of_judge(step: StepSection, names: Sequence[str]) -> Iterator[Problem]:
    prompt, place = step.prompt, step.place
    if prompt.judge is None:
        if prompt.rubric is not None:
            yield Problem(f"{place}.rubric", 'is for a judge: say whose answer it grades, like judge = "story"')
        return
    others = [name for name in names if name != step.name]
    if prompt.judge not in others:
        what = "can't judge itself" if prompt.judge == step.name else f"there is no step {prompt.judge!r}"
        yield Problem(f"{place}.judge", what, nearest(prompt.judge, others))
    if prompt.rubric is None:
        yield Problem(f"{place}.rubric", 'is missing: what should be graded? { detail = { 5 = "...", 1 = "..." } }')
    if prompt.structure is not None:
        yield Problem(f"{place}.schema", "can't be used with judge: its schema is made from the rubric")
    if prompt.gates.facts():
        yield Problem(
            f"{place}.gates", "can't be used with judge: what it writes is grades; they belong to the step judged"
        )


def _of_blind_judge(step: StepSection, needs: Mapping[str, Needs]) -> Iterator[Problem]:
    """A judge has to be shown what it judges, or something that is made from it."""
    judged = step.prompt.judge
    if judged not in needs:
        return
    try:
        shown = {name for said in step.prompt.templates for name in names_of(said.template)}
    except (TemplateSyntaxError, RecursionError):  # told elsewhere
        return
    made_from = set[str]()
    while shown := (shown & needs.keys()) - made_from:
        made_from |= shown
        shown = {name for each in shown for name in needs[each].asked}
    if judged not in made_from:
        what = f"never shows the answer that it judges: name {{{{ {judged} }}}} in it, or leave the request out"
        yield Problem(f"{step.place}.request", what)


def _of_condition(step: StepSection, order: Sequence[str], examples: Examples) -> Iterator[Problem]:
    """What is wrong with `keep`: it may name the axes, this answer, earlier ones, and the lines of its rubric."""
    keep, place = step.prompt.keep, f"{step.place}.keep"
    if keep is None:
        return
    later = order[order.index(step.name) + 1 :] if step.name in order else []
    values = {name: value for name, value in examples.items() if name not in later}
    if isinstance(rubric := step.prompt.rubric, dict):
        for line in sorted(rubric.keys() & values.keys()):
            what = "is the name of an axis or a step as well, and keep can't tell them apart; choose another one"
            yield Problem(f"{step.place}.rubric.{line}", what)
        grades = examples.get(step.name)
        values |= grades if isinstance(grades, Mapping) else dict.fromkeys(rubric, UNKNOWN)
    try:
        condition = Condition(keep, place)
    except UsageError as error:
        yield Problem(place, error.message.removeprefix(f"{place} "))
        return
    if not condition.names:
        yield Problem(place, "names neither an axis nor a step, so it holds for every answer or for none")
    unknown = sorted(condition.names - values.keys())
    for name in unknown:
        yield Problem(place, f"nothing is called {name}", nearest(name, values))
    if not unknown and all(values[name] is not UNKNOWN for name in condition.names):
        try:
            condition.holds(values)
        except UsageError as error:
            yield Problem(place, error.message.removeprefix(f"{place} "))


def _unused(steps: Sequence[StepSection], needs: Mapping[str, Needs], record: Record) -> Iterator[Problem]:
    sources = [source for _, source in record.templates()]
    used = {name for source in sources for name in names_read_in(source)}
    used |= {name for of in needs.values() for name in of.after}
    for step in steps:
        gates_others = step.prompt.judge is not None and step.prompt.keep is not None
        if step.name not in used and not gates_others and len(steps) > 1:
            what = "nothing uses its answer: name it in a later step or in [record], or leave the step out"
            if step.prompt.judge is not None:
                what = 'nothing uses its grades: set keep, like keep = "detail >= 4", or name it in [record]'
            yield Problem(step.place, what)
