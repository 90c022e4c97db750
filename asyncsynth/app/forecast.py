"""What a run will need: tokens, money and time, from a look at its first requests."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from asyncsynth.app.job import Job
from asyncsynth.config import Limits
from asyncsynth.engine.inventory import Inventory
from asyncsynth.engine.missing import asked
from asyncsynth.pace.meter import Meter
from asyncsynth.store.ledger import Totals
from asyncsynth.text import count, duration, money
from asyncsynth.values import Price, Request, usd

LOOKED_AT = 64  # requests whose tokens are estimated; the rest is taken to be like them


class Forecast(NamedTuple):
    """For all requests to make; None: unknown. `seconds` is the least that the limits allow."""

    requests: int
    samples: int
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None
    most_usd: float | None
    seconds: float | None
    bottleneck: str

    def lines(self) -> list[str]:
        tokens = f"tokens: about {self.prompt_tokens:,} in, {self.completion_tokens:,} out"
        if self.cost_usd is None:
            cost = "money:  price unknown (set [endpoint.price])"
        else:
            most = "" if self.most_usd is None else f", {money(self.most_usd)} at most"
            cost = f"money:  about {money(self.cost_usd)}{most}"
        time = "time:   no limit is set; it takes as long as the endpoint"
        if self.seconds is not None:
            time = f"time:   {duration(self.seconds)} at least, by {self.bottleneck}"
        make = f"make:   {count(self.samples, 'sample')}"
        if self.requests != self.samples:
            make += f", by {count(self.requests, 'request')}: some ask exactly the same and share an answer"
        return [make, tokens, cost, time]


def forecast_of(job: Job, inventory: Inventory, totals: Totals) -> Forecast:
    """What making the rest will take, from a look at the first requests and at the answers that are there."""
    recipe, config, meter = job.recipe, job.config, Meter(None, 0)
    requests = (asked(recipe, sample) for sample in recipe.samples())
    sendable = (request for request in requests if isinstance(request, Request))
    looked_at = [meter.need(request).tokens for request in islice(sendable, LOOKED_AT)]
    return forecast(
        looked_at,
        samples=inventory.to_make,
        requests=inventory.requests,
        max_tokens=job.most_tokens,
        mean_completion=totals.answered.completion_tokens / totals.answers if totals.answers else None,
        price=job.price,
        limits=config.limits,
    )


def forecast(
    prompt_tokens: Sequence[int],
    *,
    samples: int,
    requests: int,
    max_tokens: int | None,
    mean_completion: float | None,
    price: Price | None,
    limits: Limits,
) -> Forecast:
    """The forecast for so many requests, of which `prompt_tokens` is a look at the first ones.

    `mean_completion` is what answers had so far in this output directory; without any, max_tokens stands in.
    """
    mean_prompt = sum(prompt_tokens) / len(prompt_tokens) if prompt_tokens else 0.0
    completion = mean_completion if mean_completion is not None else float(max_tokens or 0)
    cost = most = None
    if price is not None and (completion or price == Price(0, 0)):
        cost = usd(round(requests * (mean_prompt * price.input + completion * price.output)))
    if price is not None and max_tokens is not None:
        most = usd(round(requests * (mean_prompt * price.input + max_tokens * price.output)))
    minutes = {
        "requests_per_minute": requests / limits.requests_per_minute if limits.requests_per_minute else 0.0,
        "tokens_per_minute": requests * (mean_prompt + (max_tokens or completion)) / limits.tokens_per_minute
        if limits.tokens_per_minute
        else 0.0,
    }
    slowest = max(minutes, key=lambda name: minutes[name])
    return Forecast(
        requests,
        samples,
        round(requests * mean_prompt),
        round(requests * completion),
        cost,
        most,
        minutes[slowest] * 60 if minutes[slowest] else None,
        f"limits.{slowest}" if minutes[slowest] else "",
    )
