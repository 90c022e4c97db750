"""What a request needs before it is sent, and what an answer cost: estimate and price put together."""

from __future__ import annotations

from asyncsynth.pace.estimate import TokenEstimate, size, worst_cost
from asyncsynth.pace.gate import Need
from asyncsynth.values import Price, Request, Usage


class Meter:
    """Needs of requests that all have the same price and max_tokens.

    `price` None: unknown, so costs are None. `max_tokens` None: the endpoint's own maximum, so there is no worst case.
    """

    __slots__ = ("_estimate", "_max_tokens", "_price")

    def __init__(self, price: Price | None, max_tokens: int | None) -> None:
        self._price = price
        self._max_tokens = max_tokens
        self._estimate = TokenEstimate()

    def need(self, request: Request) -> Need:
        """Tokens as a provider counts them at arrival, and the worst case in picodollars."""
        prompt_bytes = _prompt_bytes(request)
        tokens = self._estimate.expected(prompt_bytes, self._max_tokens)
        return Need(tokens, self._worst_cost(prompt_bytes), self._max_tokens, prompt_bytes)

    def observe(self, need: Need, usage: Usage) -> None:
        """Learn from the usage of an answer to a call that needed this."""
        self._estimate.observe(need.prompt_bytes, usage)

    def cost(self, usage: Usage) -> int | None:
        """What an answer cost, in picodollars; None: the price is unknown."""
        return None if self._price is None else self._price.cost(usage.prompt_tokens, usage.completion_tokens)

    def _worst_cost(self, prompt_bytes: int) -> int | None:
        if self._price is None:
            return None
        if self._max_tokens is None:
            return 0 if self._price == Price(0, 0) else None
        return worst_cost(self._price, prompt_bytes, self._max_tokens)


def _prompt_bytes(request: Request) -> int:
    return size(request.text) + (size(request.system) if request.system else 0)
