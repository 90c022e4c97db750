"""What the provider counts, in all and for each prompt, and how /stats shows it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from asyncsynth.costs import usd
from asyncsynth.servers.simulator.requests import uuid_line


class PromptCounts:
    """How often one prompt was asked, answered (whole, usable text sent) and billed."""

    __slots__ = ("answered", "asked", "billed")

    def __init__(self) -> None:
        self.asked = 0
        self.answered = 0
        self.billed = 0

    def shown(self) -> dict[str, Any]:
        return {"asked": self.asked, "answered": self.answered, "billed": self.billed}


class Stats:
    """Totals and counts by prompt.

    Memory a prompt: a fingerprint and three numbers, and for the first `kept_texts` prompts the text.
    """

    def __init__(self, kept_texts: int) -> None:
        self.calls = 0
        self.answered = 0
        self.undelivered = 0  # answers whose client was gone
        self.refused = 0
        self.invalid = 0
        self.faults: Counter[str] = Counter()
        self.billed = 0
        self.prompt_tokens = 0
        self.completion_tokens = 0
        self.picodollars: int | None = None
        self.in_flight = 0
        self.peak_in_flight = 0
        self.prompts: dict[bytes, PromptCounts] = {}
        self._kept_texts = kept_texts
        self._texts: dict[bytes, str] = {}

    def arrived(self) -> None:
        self.calls += 1
        self.in_flight += 1
        if self.in_flight > self.peak_in_flight:
            self.peak_in_flight = self.in_flight

    def asked(self, prompt_id: bytes, prompt: str) -> None:
        counts = self.prompts.get(prompt_id)
        if counts is None:
            counts = self.prompts[prompt_id] = PromptCounts()
            if len(self._texts) < self._kept_texts:
                self._texts[prompt_id] = prompt
        counts.asked += 1

    def bill(self, prompt_id: bytes, prompt_tokens: int, completion_tokens: int, cost: int | None) -> None:
        self.billed += 1
        self.prompt_tokens += prompt_tokens
        self.completion_tokens += completion_tokens
        self.prompts[prompt_id].billed += 1
        if cost is not None:
            self.picodollars = (self.picodollars or 0) + cost

    def totals(self) -> dict[str, Any]:
        """The body of /stats; tokens and billed_usd are those of billed calls, billed_usd null without a price."""
        return {
            "calls": self.calls,
            "answered": self.answered,
            "undelivered": self.undelivered,
            "refused": self.refused,
            "invalid": self.invalid,
            "faults": {str(kind): count for kind, count in self.faults.items()},
            "billed": self.billed,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "billed_usd": None if self.picodollars is None else usd(self.picodollars),
            "in_flight": self.in_flight,
            "peak_in_flight": self.peak_in_flight,
            "distinct_prompts": len(self.prompts),
        }

    def by_prompt(self, *, texts: bool = False) -> dict[str, dict[str, Any]]:
        """Prompt hash -> asked, answered, billed; with `texts` the text and its UUID line where they are kept."""
        shown: dict[str, dict[str, Any]] = {}
        for prompt_id, counts in self.prompts.items():
            entry = shown[prompt_id.hex()] = counts.shown()
            if texts and (text := self._texts.get(prompt_id)) is not None:
                entry |= {"uuid": uuid_line(text), "text": text.encode("utf-8", "replace").decode()}
        return shown
