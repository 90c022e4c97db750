"""What was paid, as it is told: of one run, or of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

NONE: Mapping[str, int] = MappingProxyType({})


class Spent(Struct, frozen=True):
    """Calls of one kind, their tokens and their picodollars; `unknown` of the calls have no known cost."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    picodollars: int = 0
    unknown: int = 0

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.picodollars + other.picodollars,
            self.unknown + other.unknown,
        )


class Totals(Struct, frozen=True):
    """The ledger of one run, or of all.

    answered: paid, the answer is there; rejected: paid, no usable answer;
    dropped: paid, the answer was dropped since;
    maybe: attempts that ended without an answer and may have been billed (at what they may have cost);
    lost: calls that a kill cut off (at their worst case). `faults` counts attempts without an answer by reason.
    `failures` counts dead letters by reason: those that are there now (all runs) or that a run made (one run).
    """

    calls: int = 0
    answered: Spent = Spent()
    rejected: Spent = Spent()
    dropped: Spent = Spent()
    maybe: Spent = Spent()
    lost: Spent = Spent()
    faults: Mapping[str, int] = NONE
    failures: Mapping[str, int] = NONE

    @property
    def answers(self) -> int:
        return self.answered.calls

    @property
    def dead(self) -> int:
        return sum(self.failures.values())

    def given_up(self, rejected: Mapping[str, int]) -> Counter[str]:
        """Samples given up, by reason: dead letters and those whose every answer a gate rejected, by the gate.

        Some gates and some faults have the same name.
        """
        return Counter(self.failures) + Counter(rejected)

    @property
    def paid(self) -> Spent:
        """What the provider billed for certain."""
        return self.answered + self.rejected + self.dropped

    @property
    def uncertain(self) -> Spent:
        """What the provider may have billed beside it."""
        return self.maybe + self.lost

    @property
    def prompt_tokens(self) -> int:
        return self.paid.prompt_tokens

    @property
    def completion_tokens(self) -> int:
        return self.paid.completion_tokens

    @property
    def picodollars(self) -> int:
        return self.paid.picodollars

    @property
    def cost_known(self) -> bool:
        return self.paid.unknown == 0


class Run(Struct, frozen=True):
    """One run: when it began (seconds since the epoch), how it ended (None: cut off, or still at work), its ledger.

    `recipe` is its recipe's fingerprint, `wanted` how many samples there shall be in all; None where the manifest has
    none.
    """

    id: int
    at: float
    ended: str | None
    totals: Totals
    recipe: str | None
    wanted: int | None
