"""What a run will need: tokens, money and time, from a look at its first requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from math import ceil
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from asyncsynth.app.job import Job
from asyncsynth.app.target import Target
from asyncsynth.engine.inventory import Inventory
from asyncsynth.engine.missing import asked
from asyncsynth.errors import UsageError
from asyncsynth.pace.meter import Meter
from asyncsynth.recipe.recipe import Recipe
from asyncsynth.store.ledger import Totals
from asyncsynth.text import count, duration, money
from asyncsynth.values import ONLY_STEP, Price, Request, Sample, usd

if TYPE_CHECKING:
    from asyncsynth.recipe.dialogue import Dialogue, Turned
    from asyncsynth.recipe.step import Step
    from asyncsynth.recipe.steps_recipe import StepsRecipe

USUAL_TOKENS = 300  # of an answer whose length has no bound
LOOKED_AT = 64  # requests whose tokens are estimated; the rest is taken to be like them


class Forecast(Struct, frozen=True):
    """For all requests to make; None: unknown. `seconds` is the least that the limits allow."""

    requests: int
    samples: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None
    most_usd: float | None
    seconds: float | None
    bottleneck: str
    by_step: Mapping[str, int] = MappingProxyType({})  # the requests of each step, where there are several

    def lines(self) -> list[str]:
        unbounded = self.requests and not self.completion_tokens
        out = "out: unknown, for no max_tokens bounds an answer" if unbounded else f"{self.completion_tokens:,} out"
        tokens = f"tokens: about {self.prompt_tokens:,} in, {out}"
        if self.cost_usd is None and unbounded:
            cost = "money:  unknown, like the length of the answers (set max_tokens among the parameters)"
        elif self.cost_usd is None:
            cost = "money:  price unknown (set [endpoint.price])"
        else:
            most = "" if self.most_usd is None else f", {money(self.most_usd)} at most"
            cost = f"money:  about {money(self.cost_usd)}{most}"
        time = "time:   no limit is set; it takes as long as the endpoint"
        if self.seconds is not None:
            time = f"time:   {duration(self.seconds)} at least, by {self.bottleneck}"
        make = f"make:   {count(self.samples, 'sample')}"
        if len(self.by_step) > 1:
            of = ", ".join(f"{number:,} for {step}" for step, number in self.by_step.items())
            make += f", by {count(self.requests, 'request')}: {of}"
        elif self.requests != self.samples:
            make += f", by {count(self.requests, 'request')}: some ask exactly the same and share an answer"
        return [make, tokens, cost, time]


def forecast_of(job: Job, inventory: Inventory, totals: Totals) -> Forecast:
    """What making the rest will take, from a look at the first requests and at the answers that are there."""
    meter, mean = Meter(None, 0), totals.answered.completion_tokens / totals.answers if totals.answers else None
    forecasts, takes = [], {} if isinstance(job.recipe, Recipe) else most_takes(job.recipe, job.reasks)
    for step, requests in _requests_by_step(job):
        sendable = (request for request in requests if isinstance(request, Request))
        forecasts.append(
            forecast(
                [meter.need(request).tokens for request in islice(sendable, LOOKED_AT)],
                samples=inventory.to_make,
                requests=inventory.by_step[step] if inventory.by_step else inventory.requests,
                mean_completion=mean,
                targets=[target.for_step(step) for target in job.targets if step in target.steps],
                takes=takes.get(step, 1 + job.reasks),
            )
        )
    return forecasts[0] if len(forecasts) == 1 else together(forecasts, inventory.by_step)


def most_takes(recipe: StepsRecipe, reasks: int = 0) -> dict[str, int]:
    """For each step how often one sample may pay for it: its own takes, for each take of what is judged behind it.

    Beyond them `reasks` may go for answers that are no use.
    """
    names = [step.name for step in recipe.steps]
    takes = {step.name: 1 + step.retry + reasks for step in recipe.steps}
    most = dict(takes)
    for judge in recipe.steps:
        judged = recipe.sections[judge.name].prompt.judge
        if judged is not None and recipe.sections[judged].prompt.dialogue is None:  # a dialogue has no other take
            for name in names[names.index(judged) + 1 : names.index(judge.name) + 1]:
                most[name] *= takes[judged]
    return {side.name: most[name] for name in names for side in recipe.sections[name].sides}


def _requests_by_step(job: Job) -> Iterator[tuple[str, Iterator[Request | Sample]]]:
    """For each step the requests of the first samples; of answers that are not there yet, the longest are assumed."""
    recipe = job.recipe
    if isinstance(recipe, Recipe):
        yield ONLY_STEP, (asked(recipe, sample) for sample in recipe.samples())
        return
    answers = assumed_answers(job, recipe)
    for step in recipe.steps:
        for side in recipe.sections[step.name].sides:
            yield side.name, _requests_of(side.name, step, recipe, answers)


def assumed_answers(job: Job, recipe: StepsRecipe, word: str = "word ") -> dict[str, Any]:
    """By step, answers that nobody has yet: as many of this word as there may be tokens."""
    answers: dict[str, Any] = {}
    for step in recipe.steps:
        for one in step.asks:
            of = [target.for_step(one.lane).most_tokens for target in job.targets if one.lane in target.steps]
            answers[one.name] = one.stand_in(word * max(tokens or USUAL_TOKENS for tokens in of))
        answers[step.name] = step.value_of(answers)
    return answers


def _requests_of(
    lane: str, step: Step | Dialogue, recipe: StepsRecipe, answers: Mapping[str, Any]
) -> Iterator[Request | Sample]:
    """What a step, or a side of a dialogue, asks for the samples."""
    for sample in recipe.samples():
        for one in step.asks_of(sample):
            if one.lane == lane:
                yield _asked_in(one, sample, answers)


def _asked_in(step: Step | Turned, sample: Sample, answers: Mapping[str, Any]) -> Request | Sample:
    try:
        return step.request(sample, answers, take=0, generation=0)
    except UsageError:
        return sample


def together(forecasts: Sequence[Forecast], by_step: Mapping[str, int]) -> Forecast:
    """What several steps need together; the time is that of the slowest, for all work side by side."""
    costs = [forecast.cost_usd for forecast in forecasts]
    most = [forecast.most_usd for forecast in forecasts]
    slowest = max(forecasts, key=lambda forecast: forecast.seconds or 0.0)
    return Forecast(
        sum(forecast.requests for forecast in forecasts),
        forecasts[0].samples,
        sum(forecast.prompt_tokens for forecast in forecasts),
        sum(forecast.completion_tokens for forecast in forecasts),
        None if None in costs else sum(cost or 0.0 for cost in costs),
        None if None in most else sum(cost or 0.0 for cost in most),
        slowest.seconds,
        slowest.bottleneck,
        by_step=by_step,
    )


def forecast(
    prompt_tokens: Sequence[int],
    *,
    samples: int,
    requests: int,
    mean_completion: float | None,
    targets: Sequence[Target],
    takes: int = 1,
) -> Forecast:
    """The forecast for so many requests, of which `prompt_tokens` is a look at the first ones.

    `mean_completion` is what answers had so far in this output directory; without any, max_tokens stands in. Of
    several targets nobody knows which will make how much: the money is their mean, and at most that of the dearest,
    for so many `takes` of each request.
    """
    mean_prompt = sum(prompt_tokens) / len(prompt_tokens) if prompt_tokens else 0.0
    most_tokens = [target.most_tokens for target in targets]
    completion = mean_completion if mean_completion is not None else float(max(most or 0 for most in most_tokens))
    costs = [_cost(target, requests, mean_prompt, completion) for target in targets]
    most = [_most(target, requests * takes, mean_prompt) for target in targets]
    known = [cost for cost in costs if cost is not None]
    minutes, bottleneck = _least_minutes(targets, requests, mean_prompt, completion)
    return Forecast(
        requests,
        samples,
        round(requests * mean_prompt),
        round(requests * completion),
        sum(known) / len(known) if len(known) == len(targets) else None,
        None if None in most else max(cost or 0.0 for cost in most),
        minutes * 60 if minutes else None,
        bottleneck,
    )


def _most(target: Target, requests: int, prompt: float) -> float | None:
    """USD for so many requests at most: of answers as long as they can be, and with all that a cache may charge."""
    if _cost(target, requests, prompt, target.most_tokens) is None:
        return None
    assert target.dearest is not None
    assert target.most_tokens is not None
    return usd(requests * target.dearest.most(ceil(prompt), target.most_tokens))


def _cost(target: Target, requests: int, prompt: float, completion: float | None) -> float | None:
    """USD for so many requests with so many tokens each; None where that is not known."""
    price = target.price
    if price is None or completion is None or not (completion or price == Price(0, 0)):
        return None
    return usd(round(requests * (prompt * price.input + completion * price.output)))


def _least_minutes(targets: Sequence[Target], requests: int, prompt: float, completion: float) -> tuple[float, str]:
    """The least that the limits allow, where each target takes its share, and the limit that decides; 0: none does."""
    speed, bottleneck = 0.0, ""  # in shares of the whole a minute
    for target in targets:
        limits = target.limits
        tokens = requests * (prompt + (target.most_tokens or completion))
        minutes = {
            "requests_per_minute": requests / limits.requests_per_minute if limits.requests_per_minute else 0.0,
            "tokens_per_minute": tokens / limits.tokens_per_minute if limits.tokens_per_minute else 0.0,
        }
        slowest = max(minutes, key=lambda name: minutes[name])
        if not minutes[slowest]:
            return 0.0, ""
        speed, bottleneck = speed + 1 / minutes[slowest], f"limits.{slowest}"
    return 1 / speed, bottleneck if len(targets) == 1 else "the limits of its endpoints"
