"""What a request needs before it is sent, and what an answer cost: estimate and price put together."""

from __future__ import annotations

import math
from collections.abc import Callable

from asyncsynth.costs import Price
from asyncsynth.pace.estimate import TokenEstimate, size
from asyncsynth.pace.reserve import WorstCase
from asyncsynth.values import Need, Request, Usage


class Meter:
    """Needs of requests that all have the same price and max_tokens.

    `price` None: unknown, so costs are None. `dearest`: the price by which a call costs the most that it can; `price`
    where it is left out. `longest`: bytes of a prompt that the model has room for, None where that is not known.
    `max_tokens` None: the endpoint's own maximum, so there is no worst case. `beside`: bytes that
    go with every prompt. `tell` hears in words of a provider that counts or charges more than a call could cost, by
    what was sent.
    """

    __slots__ = ("_beside", "_estimate", "_max_tokens", "_price", "_tell", "_worst", "longest")

    def __init__(
        self,
        price: Price | None,
        max_tokens: int | None,
        *,
        dearest: Price | None = None,
        beside: int = 0,
        longest: int | None = None,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._price = price
        self._max_tokens = max_tokens
        self._tell = tell
        self._beside = beside
        self.longest = math.inf if longest is None else longest
        self._estimate = TokenEstimate()
        self._worst = WorstCase(max_tokens, dearest or price)

    def need(self, request: Request) -> Need:
        """Tokens as a provider counts them at arrival, and the reserve in picodollars."""
        prompt_bytes = size(request.text) + (size(request.system) if request.system else 0) + self._beside
        tokens = self._estimate.expected(prompt_bytes, self._max_tokens)
        return Need(tokens, self._worst.cost(prompt_bytes), self._max_tokens, prompt_bytes)

    def observe(self, need: Need, usage: Usage) -> None:
        """Learn from the usage of an answer to a call that needed this."""
        self._estimate.observe(need.prompt_bytes, usage)
        # By a price alone nothing costs more than the worst case but by its tokens, unless it is written into a cache.
        cost = self.cost(usage) if usage.cost is not None or usage.cache_write_tokens else None
        if (surprise := self._worst.surprise(need.prompt_bytes, usage, cost)) is not None:
            self._worst.raise_to(need.prompt_bytes, usage, cost)
            self._tell(surprise)

    def cost(self, usage: Usage) -> int | None:
        """What an answer cost, in picodollars: by what the endpoint says, else by the price; None: it is unknown."""
        if usage.cost is not None or self._price is None:
            return usage.cost
        return self._price.cost(usage)
