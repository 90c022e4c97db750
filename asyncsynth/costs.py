"""Money: what a call costs, to the picodollar, and what it can cost at most.

Money is in picodollars (1 USD = 10**12) as int, so that sums are exact.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

from msgspec import Struct
from msgspec.structs import replace

from asyncsynth.values import Usage

PICODOLLARS_PER_USD = 10**12


def usd(picodollars: int) -> float:
    """Picodollars as the USD float that files and screens show."""
    return picodollars / PICODOLLARS_PER_USD


def picodollars_a_token(usd_per_million: Decimal) -> int:
    """From the form in which people write prices; rounded up, so that no price becomes free."""
    return int((usd_per_million * (PICODOLLARS_PER_USD // 10**6)).to_integral_value(ROUND_CEILING))


class Price(Struct, frozen=True, gc=False):
    """Picodollars for one token: exact for any price of at most 6 decimals of a USD per million tokens.

    What is read from a cache or written into one costs what other input costs where it has no price of its own, and
    what is written for an hour what is written for less.
    `longer`: (prompt tokens, price) ascending; calls with longer prompts than that cost this price instead, as a whole.
    """

    input: int
    output: int
    cached_input: int | None = None
    cache_write: int | None = None
    hour_write: int | None = None
    longer: tuple[tuple[int, Price], ...] = ()

    def cost(self, usage: Usage) -> int:
        """What a call cost that took these tokens."""
        prompt, cached, written = usage.prompt_tokens, usage.cached_tokens, usage.cache_write_tokens
        if self.longer:
            for start, price in reversed(self.longer):
                if prompt > start:
                    return price.cost(usage)
        cost = prompt * self.input + usage.completion_tokens * self.output
        if cached and self.cached_input is not None:
            cost += cached * (self.cached_input - self.input)
        if written:
            cost += self._surcharge(written, usage.hour_write_tokens)
        return cost

    def _surcharge(self, written: int, for_an_hour: int) -> int:
        """What tokens that were written into a cache cost beyond other input."""
        write = self.input if self.cache_write is None else self.cache_write
        hour = write if self.hour_write is None else self.hour_write
        return (written - for_an_hour) * (write - self.input) + for_an_hour * (hour - self.input)

    def without_writes(self, *, for_an_hour_alone: bool) -> Price:
        """The price of calls that write nothing into a cache, or nothing for an hour."""
        longer = ((start, price.without_writes(for_an_hour_alone=for_an_hour_alone)) for start, price in self.longer)
        kept = self.cache_write if for_an_hour_alone else None
        return replace(self, cache_write=kept, hour_write=None, longer=tuple(longer))

    def most(self, prompt_tokens: int, completion_tokens: int) -> int:
        """What a call of at most so many tokens costs at most, whatever a cache does."""
        dearest, output = _dearest_input(self), self.output
        for start, price in self.longer:
            if prompt_tokens > start:
                dearest, output = max(dearest, _dearest_input(price)), max(output, price.output)
        return prompt_tokens * dearest + completion_tokens * output


def _dearest_input(price: Price) -> int:
    return max(price.input, price.cached_input or 0, price.cache_write or 0, price.hour_write or 0)
