"""What a call needs, and the permit that it gets at the gate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from asyncsynth.pace.sliding_log import Entry


class GateClosed(Exception):
    """The gate was stopped: nothing more is sent. Control flow between pipeline and gate, never shown to a user."""


class Need(NamedTuple):
    """What one call takes: tokens as counted at arrival, `max_tokens` of them for the answer, and picodollars at worst.

    `worst_cost` None: the price is unknown. `max_tokens` None: not limited, so `tokens` holds a guess.
    `prompt_bytes` is what the tokens were estimated from.
    """

    tokens: int
    worst_cost: int | None
    max_tokens: int | None = None
    prompt_bytes: int = 0

    @property
    def least_tokens(self) -> int:
        """What a provider counts at the very least: max_tokens as it stands, and most of what is estimated."""
        known = self.max_tokens or 0
        return known + 3 * (self.tokens - known) // 4


@dataclass(slots=True, eq=False)
class Permit:
    """One call may be sent now; to be handed to settle(), settle_fault() or release() exactly once."""

    need: Need
    sent_at: float  # on the loop's clock
    generation: int  # of the rate in force
    probe: bool  # of an open breaker
    entry: Entry | None  # in the log of tokens
    alone: bool = False  # nothing but refusals in the minute before it: no limit can be used up
    open: bool = True
