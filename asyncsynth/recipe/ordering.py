"""The order of the steps: each after those whose answers it needs, else as the config has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jinja2 import TemplateSyntaxError
from jinja2.meta import find_undeclared_variables
from msgspec import Struct

from asyncsynth.config.config import StepSection
from asyncsynth.errors import UsageError
from asyncsynth.recipe.condition import Condition
from asyncsynth.recipe.sandbox import TemplateSandbox


class Needs(Struct, frozen=True):
    """Names of other steps: `asked` are those whose answers its request is made from, `after` all that it comes after.

    `by` says for each where it is needed.
    """

    asked: tuple[str, ...]
    after: tuple[str, ...]
    by: Mapping[str, str]


def needs_of(step: StepSection, steps: Sequence[str], sandbox: TemplateSandbox) -> Needs:
    """What a step needs of these others; a template that can't be read needs nothing."""
    prompt, by = step.prompt, dict[str, str]()
    for said in prompt.templates:
        for name in sorted(names_of(said.template, sandbox)):
            by.setdefault(name, f"{step.place}.{said.place}")
    if prompt.judge is not None:
        by.setdefault(prompt.judge, f"{step.place}.judge")
    asked = tuple(name for name in steps if name in by)
    for name in sorted(_names_of_condition(prompt.keep, step.place) - {step.name}):
        by.setdefault(name, f"{step.place}.keep")
    after = tuple(name for name in steps if name in by)
    return Needs(asked, after, {name: place for name, place in by.items() if name in after})


def needs_among(steps: Sequence[StepSection]) -> dict[str, Needs]:
    """What each of these steps needs of the others."""
    sandbox, names = TemplateSandbox(), [step.name for step in steps]
    return {step.name: needs_of(step, [name for name in names if name != step.name], sandbox) for step in steps}


def in_order(needs: Mapping[str, Needs]) -> list[str]:
    """The names of the steps, each after those that it needs, else in the order given; without those of a circle."""
    done: list[str] = []
    waiting = dict(needs)
    while waiting:
        ready = next((name for name, of in waiting.items() if not any(other in waiting for other in of.after)), None)
        if ready is None:
            break
        done.append(ready)
        del waiting[ready]
    return done


def circle(needs: Mapping[str, Needs]) -> list[str]:
    """Steps that need each other all around, the first one also at the end; [] where there are none."""
    left = {name: of for name, of in needs.items() if name not in in_order(needs)}
    if not left:
        return []
    way = [next(iter(left))]
    while len(set(way)) == len(way):
        way.append(next(name for name in left[way[-1]].after if name in left))
    return way[way.index(way[-1]) :]


def names_of(source: str, sandbox: TemplateSandbox) -> set[str]:
    """The names that a template looks up; none where it can't be read."""
    try:
        return set(find_undeclared_variables(sandbox.parsed(source)))
    except (TemplateSyntaxError, RecursionError):
        return set()


def _names_of_condition(source: str | None, place: str) -> set[str]:
    try:
        return set() if source is None else set(Condition(source, place).names)
    except UsageError:
        return set()
