"""A look at the first requests of a job: how many tokens they have, and how many at most.

What a later step asks is made from answers that nobody has yet. Texts stand in for them: once as long as answers
usually are, for what to expect, and once as long as they can be, for the worst case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from asyncsynth.app.job import Job
from asyncsynth.engine.missing import asked
from asyncsynth.errors import UsageError
from asyncsynth.pace.meter import Meter
from asyncsynth.pace.reserve import OVERHEAD_TOKENS
from asyncsynth.recipe.recipe import Recipe
from asyncsynth.values import ONLY_STEP, Need, Request, Sample

if TYPE_CHECKING:
    from asyncsynth.recipe.dialogue import Dialogue, Turned
    from asyncsynth.recipe.step import Step
    from asyncsynth.recipe.steps_recipe import StepsRecipe

USUAL_TOKENS = 300  # of an answer whose length has no bound
_LOOKED_AT = 64  # requests; the rest is taken to be like them
_WHY = "why " * 50  # what is said of an answer that was rejected, but for what it quotes
_TOKEN, _LONG_TOKEN = "at ", "word "  # as the estimate has it at first; and for the worst case

Usual = Mapping[str, float]  # by step, or side of a dialogue: tokens of an answer in the mean, where any are known


class Look(Struct, frozen=True):
    """Tokens of a prompt, in the mean: about, and at most; 0 where no request can be rendered."""

    tokens: float
    most: float


def look_at_first(job: Job, usual: Usual, *, dropped: bool = False) -> Iterator[tuple[str, Look]]:
    """What each step, and each side of a dialogue, will send; `dropped`: some of it was asked before, and dropped."""
    recipe, generation = job.recipe, int(dropped or job.reasks > 0)
    if isinstance(recipe, Recipe):
        needs = _needs(job, ONLY_STEP, (asked(recipe, sample) for sample in recipe.samples()))
        again = (asked(recipe, sample, generation) for sample in recipe.samples())
        yield ONLY_STEP, _look(needs, _needs(job, ONLY_STEP, again) if generation else needs)
        return
    likely, longest = assumed_answers(job, recipe, _TOKEN, usual), assumed_answers(job, recipe, _LONG_TOKEN)
    for step in recipe.steps:
        for side in recipe.sections[step.name].sides:
            lane = side.name
            requests = _requests_of(lane, step, recipe, likely)
            last_takes = _last_takes_of(lane, step, recipe, longest, generation)
            yield lane, _look(_needs(job, lane, requests), _needs(job, lane, last_takes))


def assumed_answers(job: Job, recipe: StepsRecipe, word: str, usual: Usual | None = None) -> dict[str, Any]:
    """By step, answers that nobody has yet: as many of this word as they usually have tokens, else as they may have."""
    answers: dict[str, Any] = {}
    for step in recipe.steps:
        for one in step.asks:
            of = [target.for_step(one.lane).most_tokens for target in job.targets if one.lane in target.steps]
            most = max(tokens or USUAL_TOKENS for tokens in of)
            answers[one.name] = one.stand_in(word * round((usual or {}).get(one.lane, most)))
        answers[step.name] = step.value_of(answers)
    return answers


def _look(needs: list[Need], at_most: list[Need]) -> Look:
    most = [need.prompt_bytes + OVERHEAD_TOKENS for need in at_most]
    return Look(_mean([need.tokens for need in needs]), _mean(most))


def _mean(numbers: list[int]) -> float:
    return sum(numbers) / len(numbers) if numbers else 0.0


def _needs(job: Job, lane: str, requests: Iterator[Request | Sample]) -> list[Need]:
    """Of the first of these requests that can be rendered."""
    meter = Meter(None, 0, beside=max(target.beside(lane) for target in job.targets if lane in target.steps))
    sendable = (request for request in requests if isinstance(request, Request))
    return [meter.need(request) for request in islice(sendable, _LOOKED_AT)]


def _requests_of(
    lane: str, step: Step | Dialogue, recipe: StepsRecipe, answers: Mapping[str, Any]
) -> Iterator[Request | Sample]:
    """What a step, or a side of a dialogue, asks for the samples."""
    for sample in recipe.samples():
        for one in step.asks_of(sample):
            if one.lane == lane:
                yield _asked_in(one, sample, answers)


def _last_takes_of(
    lane: str, step: Step | Dialogue, recipe: StepsRecipe, answers: Mapping[str, Any], generation: int
) -> Iterator[Request | Sample]:
    """The same of the last take that it may ask for: no request is longer."""
    why = _longest_reason(step.name, recipe, answers)
    for sample in recipe.samples():
        for one in step.asks_of(sample):
            if one.lane == lane:
                rejected = (str(answers[one.name]), why) if one.retry and one.shows_reason else None
                yield _asked_in(one, sample, answers, take=one.retry, generation=generation, rejected=rejected)


def _longest_reason(name: str, recipe: StepsRecipe, answers: Mapping[str, Any]) -> str:
    """As long as what can be said of a rejected answer of this step: it quotes what the config has, or a judge."""
    prompt = recipe.sections[name].prompt
    quoted = [*prompt.gates.forbid, *prompt.gates.require, prompt.keep or ""]
    judges = [step.name for step in recipe.steps if recipe.sections[step.name].prompt.judge == name]
    return _WHY + max(quoted, key=len) + max((str(answers[judge]) for judge in judges), key=len, default="")


def _asked_in(
    step: Step | Turned,
    sample: Sample,
    answers: Mapping[str, Any],
    *,
    take: int = 0,
    generation: int = 0,
    rejected: tuple[str, str] | None = None,
) -> Request | Sample:
    try:
        return step.request(sample, answers, take=take, generation=generation, rejected=rejected)
    except UsageError:
        return sample
