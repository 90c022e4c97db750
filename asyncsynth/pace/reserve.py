"""The most that a call can cost, which is set aside before it is sent; it learns from a provider that counts more."""

from __future__ import annotations

from asyncsynth.values import Price, Usage

OVERHEAD_TOKENS = 64  # more than any chat template known to us adds to a prompt


class WorstCase:
    """The most tokens that calls with this max_tokens can have; None: the endpoint's own maximum, so there is no most.

    The tokenizers in use are byte-level (BPE, or SentencePiece with byte fallback): a token stands for at least one
    byte, so a prompt has at most as many tokens as bytes, beside the chat template's own. A provider may still count
    more: prompts of its own that it adds, or an answer that goes on beyond max_tokens.
    """

    __slots__ = ("_completion", "_overhead")

    def __init__(self, max_tokens: int | None) -> None:
        self._overhead = OVERHEAD_TOKENS
        self._completion = max_tokens

    def cost(self, price: Price, prompt_bytes: int) -> int | None:
        """In picodollars; None: unknown."""
        if self._completion is None:
            return None
        return price.most(prompt_bytes + self._overhead, self._completion)

    def surprise(self, prompt_bytes: int, usage: Usage) -> str | None:
        """What a provider counted beyond what was taken for the worst case, in words; None: nothing."""
        if usage.source != "endpoint":
            return None
        if self._completion is not None and usage.completion_tokens > self._completion:
            return (
                f"the endpoint counts {usage.completion_tokens:,} tokens for an answer that can have at most "
                f"{self._completion:,}; calls from now on set that much aside"
            )
        if usage.prompt_tokens > prompt_bytes + self._overhead:
            return (
                f"the endpoint counts {usage.prompt_tokens:,} tokens for a prompt of {prompt_bytes:,} bytes; calls "
                f"from now on set that much more aside"
            )
        return None

    def raise_to(self, prompt_bytes: int, usage: Usage) -> None:
        """From now on the worst case is at least what was counted here."""
        self._overhead = max(self._overhead, usage.prompt_tokens - prompt_bytes)
        if self._completion is not None:
            self._completion = max(self._completion, usage.completion_tokens)
