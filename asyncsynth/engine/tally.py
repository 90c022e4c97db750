"""What this run has done so far: counted by the pipeline, read by the progress display."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from asyncsynth.values import Fault, Usage


@dataclass(slots=True)
class Tally:
    """Counts of one run; only the pipeline changes them. Money in picodollars."""

    to_make: int = 0
    made: int = 0
    given_up: int = 0
    calls: int = 0
    in_flight: int = 0
    retries: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    last_fault: str = ""

    @property
    def ended(self) -> int:
        return self.made + self.given_up

    def on_answer(self, usage: Usage) -> None:
        self.made += 1
        self.prompt_tokens += usage.prompt_tokens
        self.completion_tokens += usage.completion_tokens

    def on_fault(self, fault: Fault) -> None:
        self.faults[fault.reason] += 1
        self.last_fault = fault.message
        if fault.usage is not None:
            self.prompt_tokens += fault.usage.prompt_tokens
            self.completion_tokens += fault.usage.completion_tokens
