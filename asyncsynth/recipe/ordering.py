"""The order of the steps: each after those whose answers it needs, else as the config has them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from jinja2 import TemplateSyntaxError
from msgspec import Struct

from asyncsynth.config.config import StepSection
from asyncsynth.recipe.condition import names_in
from asyncsynth.recipe.parsing import names_of


class Needs(Struct, frozen=True):
    """Names of other steps: `asked` are those whose answers its request is made from, `after` all that it comes after.

    `by` says for each where it is needed.
    """

    asked: tuple[str, ...]
    after: tuple[str, ...]
    by: Mapping[str, str]


def needs_of(step: StepSection, steps: Sequence[str]) -> Needs:
    """What a step needs of these others; a template that can't be read needs nothing."""
    prompt, by = step.prompt, dict[str, str]()
    for said in prompt.templates:
        for name in sorted(names_read_in(said.template)):
            by.setdefault(name, f"{step.place}.{said.place}")
    if prompt.judge is not None:
        by.setdefault(prompt.judge, f"{step.place}.judge")
    asked = tuple(name for name in steps if name in by)
    for name in sorted(set() if prompt.keep is None else names_in(prompt.keep) - {step.name}):
        by.setdefault(name, f"{step.place}.keep")
    after = tuple(name for name in steps if name in by)
    return Needs(asked, after, {name: place for name, place in by.items() if name in after})


def needs_among(steps: Sequence[StepSection]) -> dict[str, Needs]:
    """What each of these steps needs of the others."""
    names = [step.name for step in steps]
    return {step.name: needs_of(step, [name for name in names if name != step.name]) for step in steps}


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


def names_read_in(source: str) -> Collection[str]:
    """The names that a template looks up; none where it can't be read."""
    try:
        return names_of(source)
    except (TemplateSyntaxError, RecursionError):
        return ()
