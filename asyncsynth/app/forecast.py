"""What a run will need: tokens, money and time, from a look at its first requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from asyncsynth.cli.console import count
from asyncsynth.cli.progress import duration, money
from asyncsynth.config import Limits
from asyncsynth.values import Price, usd

LOOKED_AT = 64  # requests whose tokens are estimated; the rest is taken to be like them


@dataclass(frozen=True, slots=True)
class Forecast:
    """For all samples to make; None: unknown. `seconds` is the least that the limits allow."""

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
        return [f"make:   {count(self.samples, 'sample')}", tokens, cost, time]


def forecast(
    prompt_tokens: Sequence[int],
    samples: int,
    *,
    max_tokens: int | None,
    mean_completion: float | None,
    price: Price | None,
    limits: Limits,
) -> Forecast:
    """The forecast for `samples` samples, of which `prompt_tokens` is a look at the first ones.

    `mean_completion` is what answers had so far in this output directory; without any, max_tokens stands in.
    """
    mean_prompt = sum(prompt_tokens) / len(prompt_tokens) if prompt_tokens else 0.0
    completion = mean_completion if mean_completion is not None else float(max_tokens or 0)
    cost = most = None
    if price is not None and (completion or price == Price(0, 0)):
        cost = usd(round(samples * (mean_prompt * price.input + completion * price.output)))
    if price is not None and max_tokens is not None:
        most = usd(round(samples * (mean_prompt * price.input + max_tokens * price.output)))
    minutes = {
        "requests_per_minute": samples / limits.requests_per_minute if limits.requests_per_minute else 0.0,
        "tokens_per_minute": samples * (mean_prompt + (max_tokens or completion)) / limits.tokens_per_minute
        if limits.tokens_per_minute
        else 0.0,
    }
    slowest = max(minutes, key=lambda name: minutes[name])
    return Forecast(
        samples,
        round(samples * mean_prompt),
        round(samples * completion),
        cost,
        most,
        minutes[slowest] * 60 if minutes[slowest] else None,
        f"limits.{slowest}" if minutes[slowest] else "",
    )
