"""The most that a call can cost, which is set aside before it is sent; it learns from a provider that bills more."""

from __future__ import annotations

from math import ceil

from asyncsynth.costs import Price, usd
from asyncsynth.text import money
from asyncsynth.values import Usage

OVERHEAD_TOKENS = 64  # more than any chat template known to us adds to a prompt


class WorstCase:
    """The most tokens that calls with this max_tokens can have; None: the endpoint's own maximum, so there is no most.

    The tokenizers in use are byte-level (BPE, or SentencePiece with byte fallback): a token stands for at least one
    byte, so a prompt has at most as many tokens as bytes, beside the chat template's own. A provider may still count
    more: prompts of its own that it adds, or an answer that goes on beyond max_tokens. And where it says what it
    charged, that may be more than the price list's.
    """

    __slots__ = ("_charged", "_completion", "_dearer", "_empty", "_is_free", "_overhead", "_per_byte", "_price")

    def __init__(self, max_tokens: int | None, price: Price | None) -> None:
        self._overhead = OVERHEAD_TOKENS
        self._completion = max_tokens
        self._price = price
        self._is_free = price == Price(0, 0)
        self._charged = 0  # for a call that should be free, at most
        self._dearer = 1.0  # times the price: what was charged at most
        # A prompt without a byte; None: unknown.
        self._empty = None if price is None or max_tokens is None else self._most(0)
        # Each byte of one; None: that depends on how many there are.
        self._per_byte = None if price is None or price.longer else price.most(1, 0)

    def cost(self, prompt_bytes: int) -> int | None:
        """In picodollars; None: unknown."""
        if self._is_free:
            return self._charged
        if self._empty is None:
            return None
        per_byte = self._per_byte
        most = self._most(prompt_bytes) if per_byte is None else self._empty + prompt_bytes * per_byte
        return most if self._dearer == 1.0 else ceil(most * self._dearer)

    def _most(self, prompt_bytes: int) -> int:
        """What the price says, where it and max_tokens are known."""
        assert self._price is not None
        assert self._completion is not None
        return self._price.most(prompt_bytes + self._overhead, self._completion)

    def surprise(self, prompt_bytes: int, usage: Usage, cost: int | None) -> str | None:
        """What a provider counted or charged beyond what was taken for the worst case, in words; None: nothing."""
        told, most_tokens = usage.source == "endpoint", self._completion
        if told and most_tokens is not None and usage.completion_tokens > most_tokens:
            return (
                f"the endpoint counts {usage.completion_tokens:,} tokens for an answer that can have at most "
                f"{most_tokens:,}; calls from now on set that much aside"
            )
        if told and usage.prompt_tokens > prompt_bytes + self._overhead:
            return (
                f"the endpoint counts {usage.prompt_tokens:,} tokens for a prompt of {prompt_bytes:,} bytes; calls "
                f"from now on set that much more aside"
            )
        if cost is not None and (most := self.cost(prompt_bytes)) is not None and cost > most:
            return (
                f"the endpoint charged {money(usd(cost))} for one that can cost at most {money(usd(most))} by its "
                "price; calls from now on set that much aside"
            )
        return None

    def raise_to(self, prompt_bytes: int, usage: Usage, cost: int | None) -> None:
        """From now on the worst case is at least what was counted and charged here."""
        if usage.source == "endpoint":
            self._overhead = max(self._overhead, usage.prompt_tokens - prompt_bytes)
            if self._completion is not None:
                self._completion = max(self._completion, usage.completion_tokens)
            if self._empty is not None:
                self._empty = self._most(0)
        most = self.cost(prompt_bytes)
        if cost is None or most is None or cost <= most:
            return
        if self._is_free:
            self._charged = cost
        else:
            self._dearer *= cost / most
