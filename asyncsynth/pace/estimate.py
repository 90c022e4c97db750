"""Tokens of a request before it is sent, without a tokenizer: from its bytes, by a ratio that corrects itself.

The estimate is cautious: it adds what prompts were seen to vary, since tokens that were sent can't be taken back, while
those that were overestimated are free again as soon as the answer is there.

Two views of what prompts have cost, of which the higher counts: so many tokens a byte; and, once prompts of several
sizes were seen, the line of least squares, since what all prompts have in common may be of other stuff than what makes
one longer (a table or an encoded picture in the template, and a story after it).

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
_SPREAD = 0.05  # of the mean size is the least standard deviation of sizes that tells a slope
_TRUSTED_AFTER = 5  # observations; before that the first guess may be far off, so nothing is an outlier


def size(text: str) -> int:
    """UTF-8 bytes of a text, lone surrogates included."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


class TokenEstimate:
    """Expected tokens of prompts and completions; learns from the usage that comes back."""

    __slots__ = (
        "_bytes",
        "_completion",
        "_completions",
        "_deviation",
        "_longest",
        "_observed",
        "_products",
        "_slope",
        "_squares",
        "_tokens",
        "_weight",
    )

    def __init__(self) -> None:
        self._bytes = 600.0  # the first guess weighs as much as one short prompt
        self._tokens = self._bytes / FIRST_BYTES_PER_TOKEN
        self._observed = 0
        self._longest = 0  # bytes of a prompt whose tokens are known
        self._weight = 1.0  # of all observations together; as the sums of bytes and tokens, it forgets
        self._squares = 0.0  # sum of bytes * bytes
        self._products = 0.0  # sum of bytes * tokens
        self._slope: float | None = None  # tokens for a byte more; None: not known
        self._deviation = 0.0  # mean of |seen / expected - 1|
        self._completion = float(FIRST_COMPLETION)
        self._completions = 0

    def prompt(self, prompt_bytes: int) -> int:
        """Cautiously expected tokens of a prompt of this size."""
        by_ratio = (1.0 + _CAUTION * self._deviation) * self._tokens / self._bytes
        known = prompt_bytes if prompt_bytes < self._longest else self._longest
        tokens = known * by_ratio
        if self._slope is not None:
            on_line = (self._tokens + self._slope * (known * self._weight - self._bytes)) / self._weight
            tokens = max(tokens, (1.0 + self._deviation) * on_line)
        if prompt_bytes > known:
            # Prompts of one size don't tell what a longer one takes: the first guess is the least for what is beyond.
            slope = 1.0 / FIRST_BYTES_PER_TOKEN if self._slope is None else self._slope
            tokens += (prompt_bytes - known) * max(by_ratio, slope)
        return math.ceil(OVERHEAD_TOKENS + tokens)

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
        observed = self._observed
        tokens = _within(usage.prompt_tokens - OVERHEAD_TOKENS, prompt_bytes / _MOST_BYTES_PER_TOKEN, prompt_bytes)
        expected = prompt_bytes * self._tokens / self._bytes
        if observed >= _TRUSTED_AFTER:
            tokens = _within(tokens, expected / _OUTLIER, expected * _OUTLIER)
        if prompt_bytes > self._longest:
            self._longest = prompt_bytes
        if observed == 0:
            self._bytes = self._tokens = self._weight = 0.0  # one measurement says more than the guess
        else:
            self._deviation += (abs(tokens / expected - 1.0) - self._deviation) / observed
        if observed < _MOST_COUNTED:
            self._observed = observed + 1
        self._add(prompt_bytes, tokens)

    def _add(self, prompt_bytes: int, tokens: float) -> None:
        """To the sums, and to the line of least squares through them."""
        self._weight = weight = self._weight * _MEMORY + 1.0
        self._bytes = sum_of_bytes = self._bytes * _MEMORY + prompt_bytes
        self._tokens = self._tokens * _MEMORY + tokens
        self._squares = squares = self._squares * _MEMORY + prompt_bytes * prompt_bytes
        self._products = self._products * _MEMORY + prompt_bytes * tokens
        squared = sum_of_bytes * sum_of_bytes
        variance = squares * weight - squared
        if variance <= _SPREAD * _SPREAD * squared:
            self._slope = None  # the sizes are too much alike
        else:  # covariance of bytes and tokens by the variance of bytes
            self._slope = _within((self._products * weight - sum_of_bytes * self._tokens) / variance, 0.0, 1.0)


def _within(value: float, least: float, most: float) -> float:
    """The nearest value within these bounds."""
    if value < least:
        return least
    return most if value > most else value
