"""What is wrong with what a config asks and keeps, as far as only the templates, schemas and rubrics can tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from asyncsynth.config import Record
from asyncsynth.config.axis_values import UNKNOWN
from asyncsynth.config.check import Checked
from asyncsynth.config.config import StepSection
from asyncsynth.config.sources import Axes
from asyncsynth.errors import ConfigError, Problem, nearest
from asyncsynth.recipe.check import CHECK_COMPLETION
from asyncsynth.recipe.check import check as check_templates


def with_default_completion(checked: Checked) -> Checked:
    """The completion of a record that names none is the last text that the steps make."""
    record, steps = checked.sections["record"], checked.sections_of_steps
    if not checked.has_steps or not isinstance(record, Record):
        return checked
    if record.completion is not None or "completion" not in record.fields() or "completion" in checked.steps:
        return checked
    from asyncsynth.recipe.ordering import in_order, needs_among  # noqa: PLC0415 - most recipes have one step

    judges = {step.name for step in steps if step.prompt.judge is not None}
    ordered = in_order(needs_among(steps)) or [step.name for step in steps]  # in a circle none is the first
    texts = [name for name in ordered if name not in judges] or checked.wrong_steps
    if not texts:
        return checked
    completed = record.model_copy(update={"completion": "{{ " + texts[-1] + " }}"})
    return replace(checked, sections={**checked.sections, "record": completed})


def problems_of_recipe(checked: Checked, axes: Axes) -> list[Problem]:
    """The mistakes of the sections that are right by themselves."""
    record, steps = checked.sections["record"], checked.sections_of_steps
    kept = record if isinstance(record, Record) else None
    if kept is not None and (problem := _problem_of_messages(kept, checked)) is not None:
        return [problem]
    if all(step.prompt.takes_all and step.prompt.dialogue is None for step in steps) and len(steps) < 2:
        return check_templates(steps, kept, axes, examples=_untold(checked))
    from asyncsynth.recipe.axes import tried  # noqa: PLC0415 - most recipes have one step
    from asyncsynth.recipe.check_steps import check_steps  # noqa: PLC0415 - the same

    answers, problems = _examples(steps)
    answers = {**_untold(checked), **answers}
    values = {name: value for names, rows, _ in tried(axes, 1) for name, value in zip(names, rows[0], strict=True)}
    problems += check_templates(steps, kept, axes, examples=answers)
    alone = None if problems or checked.wrong_steps else kept  # else what uses an answer may be what is wrong
    return problems + check_steps(steps, alone, {**values, **answers}, checked.wrong_steps)


def _untold(checked: Checked) -> dict[str, Any]:
    """Names that are known, and told of elsewhere: of steps that are wrong, and of judged ones that are not there."""
    judged = [step.prompt.judge for step in checked.sections_of_steps if step.prompt.judge is not None]
    return dict.fromkeys((*checked.wrong_steps, *judged), UNKNOWN)


def _problem_of_messages(record: Record, checked: Checked) -> Problem | None:
    """Messages that are a text must name a dialogue."""
    dialogues = [step.name for step in checked.sections_of_steps if step.prompt.dialogue is not None]
    if record.dialogue is None or record.dialogue in (*dialogues, *checked.wrong_steps):
        return None
    what = 'must be a list of messages, or name a step that is a dialogue, like "{{ chat }}"'
    return Problem("record.messages", what, nearest(record.dialogue, dialogues))


def _examples(steps: Sequence[StepSection]) -> tuple[dict[str, Any], list[Problem]]:
    """An answer of each step as templates see it, and what is wrong with schemas and rubrics; UNKNOWN where one is."""
    from asyncsynth.app.forms import form_of, schema_of  # noqa: PLC0415 - most recipes have one step

    answers, problems = dict[str, Any](), list[Problem]()
    for step in steps:
        if step.prompt.judge is not None and step.prompt.rubric is None:
            answers[step.name] = UNKNOWN
            continue
        try:
            answers[step.name] = form_of(step, schema_of(step)).stand_in(CHECK_COMPLETION)
        except ConfigError as error:
            answers[step.name] = UNKNOWN
            problems += error.problems
    return answers, problems
