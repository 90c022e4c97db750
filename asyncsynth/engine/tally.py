"""What this run has done so far: counted by the pipeline, read by the progress display."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct, field

from asyncsynth.values import Answer, Answered, End, Fault, Finished, GivenUp, Row


class Tally(Struct):
    """Counts of one run; only the pipeline changes them. Money in picodollars."""

    to_make: int = 0
    made: int = 0  # records
    given_up: int = 0  # samples without one
    answers: int = 0  # that these records share
    truncated: int = 0  # of the answers: cut off at max_tokens
    estimated: int = 0  # of the answers: the endpoint did not count their tokens
    flags: Counter[str] = field(default_factory=Counter)  # of the answers
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

    def on_end(self, end: End) -> None:
        """Samples have their end: one, and those that asked exactly the same."""
        if isinstance(end, Answered):  # most do
            self._count(end.rows)
            self._count_answer(end.answer)
        elif isinstance(end, GivenUp):
            self.given_up += len(end.rows)
        elif isinstance(end, Finished):
            self._count((end.row,))
        else:
            self.given_up += 1

    def _count(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if row.problem is None:
                self.made += 1
            else:
                self.given_up += 1

    def _count_answer(self, answer: Answer) -> None:
        self.answers += 1
        if answer.finish_reason == "length":
            self.truncated += 1
        if answer.flags:
            self.flags.update(answer.flags)
        usage = answer.usage
        if usage.source == "estimate":
            self.estimated += 1
        self.prompt_tokens += usage.prompt_tokens
        self.completion_tokens += usage.completion_tokens

    def on_fault(self, fault: Fault) -> None:
        self.faults[fault.reason] += 1
        self.last_fault = fault.message
        if fault.usage is not None:
            self.prompt_tokens += fault.usage.prompt_tokens
            self.completion_tokens += fault.usage.completion_tokens
