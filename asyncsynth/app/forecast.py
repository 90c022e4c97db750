"""What a run will need: tokens, money and time, from a look at its first requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec import Struct

from asyncsynth.app.first_requests import Look, Usual, look_at_first
from asyncsynth.app.job import Job
from asyncsynth.app.least_time import Load, least_seconds
from asyncsynth.app.target import Target
from asyncsynth.costs import Price, usd
from asyncsynth.engine.inventory import Inventory
from asyncsynth.recipe.recipe import Recipe
from asyncsynth.text import count, duration, money

if TYPE_CHECKING:
    from asyncsynth.recipe.steps_recipe import StepsRecipe


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
    load: Load | None = None  # of one step

    def lines(self) -> list[str]:
        unbounded = self.requests and not self.completion_tokens
        out = "out: unknown: no max_tokens limits an answer" if unbounded else f"{self.completion_tokens:,} out"
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


def forecast_of(job: Job, inventory: Inventory, usual: Usual, *, dropped: bool = False) -> Forecast:
    """What making the rest will take, from a look at the first requests; answers are as long as they `usual`ly are.

    `dropped`: whether some that were there are asked for anew.
    """
    forecasts, takes = [], {} if isinstance(job.recipe, Recipe) else most_takes(job.recipe, job.reasks)
    for step, look in look_at_first(job, usual, dropped=dropped):
        forecasts.append(
            forecast(
                look,
                samples=inventory.to_make,
                requests=inventory.by_step[step] if inventory.by_step else inventory.requests,
                mean_completion=usual.get(step),
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


def together(forecasts: Sequence[Forecast], by_step: Mapping[str, int]) -> Forecast:
    """What several steps need together."""
    costs = [forecast.cost_usd for forecast in forecasts]
    most = [forecast.most_usd for forecast in forecasts]
    seconds, bottleneck = least_seconds(forecast.load for forecast in forecasts if forecast.load is not None)
    return Forecast(
        sum(forecast.requests for forecast in forecasts),
        forecasts[0].samples,
        sum(forecast.prompt_tokens for forecast in forecasts),
        sum(forecast.completion_tokens for forecast in forecasts),
        None if None in costs else sum(cost or 0.0 for cost in costs),
        None if None in most else sum(cost or 0.0 for cost in most),
        seconds,
        bottleneck,
        by_step=by_step,
    )


def forecast(
    look: Look,
    *,
    samples: int,
    requests: int,
    mean_completion: float | None,
    targets: Sequence[Target],
    takes: int = 1,
) -> Forecast:
    """The forecast for so many requests, whose prompts are like this.

    `mean_completion` is what answers had so far in this output directory; without any, and at most, max_tokens stands
    in. Of several targets nobody knows which will make how much: the money is their mean, and at most that of the
    dearest, for so many `takes` of each request.
    """
    longest = float(max(target.most_tokens or 0 for target in targets))
    completion = min(mean_completion, longest or mean_completion) if mean_completion is not None else longest
    costs = [_cost(target, requests, look.tokens, completion) for target in targets]
    most = [_most(target, requests * takes, look.most) for target in targets]
    known = [cost for cost in costs if cost is not None]
    load = Load.of(targets, requests, look.tokens, completion)
    seconds, bottleneck = least_seconds([load])
    return Forecast(
        requests,
        samples,
        round(requests * look.tokens),
        round(requests * completion),
        sum(known) / len(known) if len(known) == len(targets) else None,
        None if None in most else max(cost or 0.0 for cost in most),
        seconds,
        bottleneck,
        load=load,
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
