"""How the simulated provider behaves: frozen settings, checked when made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from asyncsynth.config import SimulatorSection
from asyncsynth.costs import Price
from asyncsynth.servers.simulator.faults import FaultKind

WindowKind = Literal["sliding", "fixed", "bucket"]


@dataclass(frozen=True, slots=True)
class Spell:
    """From start_s to end_s (seconds since the provider started) `share` of the calls have fault `kind`."""

    start_s: float
    end_s: float
    kind: str
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Settings:
    """All of a simulated provider; ValueError for a share, a size or a name that makes no sense."""

    seed: int = 0
    latency_s: float = 0.05  # median; 0 answers at once
    latency_sigma: float = 0.25  # of the lognormal: 0 is the same latency for every call
    completion_tokens: int = 120  # median length of a text
    completion_sigma: float = 0.5
    fills: bool = False  # texts that a max_tokens bounds are about three quarters as long as it allows, and whole
    default_max_tokens: int = 1024  # where a request has none
    models: tuple[str, ...] = ("simulated",)  # what /v1/models lists; any model is answered
    price: Price | None = None  # for billed_usd at /stats

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    input_tokens_per_minute: int | None = None  # of prompts alone, as Anthropic limits them
    output_tokens_per_minute: int | None = None  # of max_tokens alone
    window: WindowKind = "sliding"
    bucket_s: float = 60.0  # window = "bucket": the bucket holds what bucket_s seconds refill

    faults: float = 0.0  # share of calls, spread evenly over faults.DEFAULT_MIXTURE
    fault_shares: Mapping[str, float] = field(default_factory=dict)  # FaultKind -> share of calls, beside `faults`
    faults_per_body: int | None = None  # only so many first calls with the same body can go wrong; None: all
    spells: tuple[Spell, ...] = ()  # while one lasts it stands in for faults and fault_shares
    retry_after_s: float = 1.0  # of fault rate_limited_429
    slow_factor: float = 5.0  # of fault slow, times the latency

    capacity: int | None = None  # calls in flight beyond which latency grows in proportion
    capacity_changes: tuple[tuple[float, int], ...] = ()  # (seconds since the start, new capacity), in order

    cached_share: float = 0.0  # of a prompt's tokens, that is told to come from a cache
    tells_cost: bool = False  # answers say what they cost, as OpenRouter's do

    kept_texts: int = 100_000  # prompts whose text /stats?prompts=1&texts=1 can show

    def __post_init__(self) -> None:
        shares = [self.faults, self.cached_share, *self.fault_shares.values(), *(spell.share for spell in self.spells)]
        if any(not 0 <= one <= 1 for one in shares) or self.faults + sum(self.fault_shares.values()) > 1 + 1e-9:
            raise ValueError("shares of faults must be from 0 to 1, and at most 1 together")
        for name in (*self.fault_shares, *(spell.kind for spell in self.spells)):
            FaultKind(name)
        if self.latency_s < 0 or self.bucket_s <= 0 or self.completion_tokens < 1 or self.default_max_tokens < 1:
            raise ValueError("latency_s must be at least 0, bucket_s over 0, numbers of tokens at least 1")
        apart = (self.input_tokens_per_minute, self.output_tokens_per_minute)
        limits = (self.requests_per_minute, self.tokens_per_minute, *apart, self.capacity)
        if any(one is not None and one < 1 for one in (*limits, *(one for _, one in self.capacity_changes))):
            raise ValueError("limits and capacities must be at least 1")

    @classmethod
    def of(cls, section: SimulatorSection, price: Price | None = None) -> Settings:
        """The settings that [endpoint.simulator] and [endpoint.price] of a config ask for."""
        return cls(
            seed=section.seed,
            latency_s=section.latency_s,
            faults=section.faults,
            requests_per_minute=section.requests_per_minute,
            tokens_per_minute=section.tokens_per_minute,
            price=price,
        )

    def capacity_at(self, seconds: float) -> int | None:
        """The capacity `seconds` after the start."""
        capacity = self.capacity
        for since, changed in self.capacity_changes:
            if seconds >= since:
                capacity = changed
        return capacity

    def shares_at(self, seconds: float) -> Mapping[str, float] | None:
        """The fault shares of a spell that lasts `seconds` after the start; None: no spell."""
        running = [spell for spell in self.spells if spell.start_s <= seconds < spell.end_s]
        return {spell.kind: spell.share for spell in running} if running else None
