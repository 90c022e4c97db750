"""Tokens of a request before it is sent, without a tokenizer: from its bytes, by a ratio that corrects itself.

The estimate is cautious: it adds what prompts were seen to vary, since tokens that were sent can't be taken back, while
those that were overestimated are free again as soon as the answer is there.

Bytes of UTF-8 rather than characters: tokens per byte vary far less between scripts (English has about 4 bytes a token,
Chinese 3, Hindi 3 to 6) than tokens per character do.
"""

from __future__ import annotations

import math

from asyncsynth.values import Usage

OVERHEAD_TOKENS = 8  # of a chat template around one or two messages
FIRST_BYTES_PER_TOKEN = 3.0  # cautious for English until the first answer tells
FIRST_COMPLETION = 500
_MEMORY = 0.98  # of an observation per further observation: about the last 50 count
_MOST_BYTES_PER_TOKEN = 16.0
_MOST_COUNTED = 50  # observations; a mean over more would not follow a change
_OUTLIER = 2.0  # an observation counts as at most this much more or less than expected
_CAUTION = 2.5  # times the mean deviation: about two standard deviations
_SHORT = 300  # bytes: the first guess is the least for what goes beyond prompts that were all shorter
_TRUSTED_AFTER = 5  # observations; before that the first guess may be far off, so nothing is an outlier


def size(text: str) -> int:
    """UTF-8 bytes of a text, lone surrogates included."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


class TokenEstimate:
    """Expected tokens of prompts and completions; learns from the usage that comes back."""

    __slots__ = ("_bytes", "_completion", "_completions", "_deviation", "_longest", "_observed", "_tokens")

    def __init__(self) -> None:
        self._bytes = 600.0  # the first guess weighs as much as one short prompt
        self._tokens = self._bytes / FIRST_BYTES_PER_TOKEN
        self._observed = 0
        self._longest = 0  # bytes of a prompt whose tokens are known
        self._deviation = 0.0  # mean of |seen / expected - 1|
        self._completion = float(FIRST_COMPLETION)
        self._completions = 0

    @property
    def tokens_per_byte(self) -> float:
        return self._tokens / self._bytes

    def prompt(self, prompt_bytes: int) -> int:
        """Cautiously expected tokens of a prompt of this size."""
        cautious = (1.0 + _CAUTION * self._deviation) * self._tokens / self._bytes
        beyond = prompt_bytes - self._longest
        if beyond <= 0 or self._longest >= _SHORT:
            return math.ceil(OVERHEAD_TOKENS + prompt_bytes * cautious)
        # What short prompts tell is partly how far off OVERHEAD_TOKENS is, which must not grow with the length.
        further = beyond * max(cautious, 1.0 / FIRST_BYTES_PER_TOKEN)
        return math.ceil(OVERHEAD_TOKENS + self._longest * cautious + further)

    def expected(self, prompt_bytes: int, max_tokens: int | None) -> int:
        """Tokens that a provider counts at arrival: the prompt, plus max_tokens or else the usual completion."""
        completion = math.ceil(self._completion) if max_tokens is None else max_tokens
        return self.prompt(prompt_bytes) + completion

    def observe(self, prompt_bytes: int, usage: Usage) -> None:
        """Learn from what the endpoint counted; its own estimates teach nothing."""
        if usage.source != "endpoint":
            return
        if self._completions < _MOST_COUNTED:
            self._completions += 1
        self._completion += (usage.completion_tokens - self._completion) / self._completions
        if prompt_bytes == 0:
            return
        tokens = _within(usage.prompt_tokens - OVERHEAD_TOKENS, prompt_bytes / _MOST_BYTES_PER_TOKEN, prompt_bytes)
        expected = prompt_bytes * self._tokens / self._bytes
        if self._observed >= _TRUSTED_AFTER:
            tokens = _within(tokens, expected / _OUTLIER, expected * _OUTLIER)
        self._longest = max(self._longest, prompt_bytes)
        if self._observed == 0:
            self._bytes = self._tokens = 0.0  # one measurement says more than the guess
        else:
            deviation = abs(tokens / expected - 1.0)
            self._deviation += (deviation - self._deviation) / self._observed
        if self._observed < _MOST_COUNTED:
            self._observed += 1
        self._bytes = self._bytes * _MEMORY + prompt_bytes
        self._tokens = self._tokens * _MEMORY + tokens


def _within(value: float, least: float, most: float) -> float:
    """The nearest value within these bounds; min() and max() take four times as long, and this is done twice a call."""
    return least if value < least else min(value, most)
