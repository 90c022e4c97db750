"""One look at a run under way: counts, rates, money and the use of the limits."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from asyncsynth.app.watch import Watch
from asyncsynth.costs import usd
from asyncsynth.engine.inventory import Inventory
from asyncsynth.engine.tally import Tally
from asyncsynth.pace.gate import Gate
from asyncsynth.pace.tokens import TokenLimit
from asyncsynth.text import duration, money, printable_line

if TYPE_CHECKING:
    from asyncsynth.pace.requests import RequestLimit

RATE_WINDOW_S = 20.0  # rates are means over this time, so that they follow a change and don't jump


class Progress(Struct, frozen=True):
    """One look at a run. Money in USD (None: some price is unknown), limits as shares from 0 to 1."""

    done: int
    total: int
    elapsed_s: float
    samples_per_s: float
    tokens_per_s: float
    cost_usd: float | None
    cap_usd: float | None
    left_s: float | None
    requests_used: float | None
    tokens_used: float | None
    in_flight: int
    concurrency: int
    retries: int
    failed: int
    truncated: int
    near_duplicates: float | None  # of the newest answers: the share that nearly repeats another one
    opening: float | None  # of the most common first words
    waiting_for: str  # why nothing is sent right now, or ""


class Look:
    """Call it for the Progress of now; `clock` is the loop's."""

    def __init__(
        self,
        tally: Tally,
        gate: Gate,
        inventory: Inventory,
        watch: Watch,
        clock: Callable[[], float],
        *,
        priced: bool,
    ) -> None:
        self._tally, self._gate, self._inventory, self._clock, self._priced = tally, gate, inventory, clock, priced
        self._watch = watch
        self._began = clock()
        self._seen = deque([(self._began, 0, 0)])

    def __call__(self) -> Progress:
        tally, gate, now = self._tally, self._gate, self._clock()
        cap, repeats = gate.cap, self._watch.look()
        tokens = tally.prompt_tokens + tally.completion_tokens
        self._seen.append((now, tally.ended, tokens))
        while len(self._seen) > 2 and self._seen[1][0] <= now - RATE_WINDOW_S:
            self._seen.popleft()
        then, ended_then, tokens_then = self._seen[0]
        seconds = max(now - then, 1e-9)
        rate = (tally.ended - ended_then) / seconds
        return Progress(
            done=self._inventory.there + tally.made,
            total=self._inventory.there + tally.to_make,
            elapsed_s=now - self._began,
            samples_per_s=rate,
            tokens_per_s=(tokens - tokens_then) / seconds,
            cost_usd=usd(cap.billed) if self._priced else None,
            cap_usd=None if cap.limit is None else usd(cap.limit),
            left_s=(tally.to_make - tally.ended) / rate if rate > 0 else None,
            requests_used=_share([allowance.requests for allowance in gate.allowances], now),
            tokens_used=_share([allowance.tokens for allowance in gate.allowances], now),
            in_flight=tally.in_flight,
            concurrency=gate.concurrency,
            retries=tally.retries,
            failed=tally.given_up,
            truncated=tally.truncated,
            near_duplicates=None if repeats is None else repeats.near_duplicates,
            opening=None if repeats is None else repeats.opening,
            waiting_for=gate.held_back_by,
        )


def _share(limits: Sequence[RequestLimit | TokenLimit | None], now: float) -> float | None:
    """The share used of the limits that there are."""
    known = [limit for limit in limits if limit is not None]
    return sum(limit.used(now) for limit in known) / sum(limit.per_minute for limit in known) if known else None


def sentence(progress: Progress) -> str:
    """The figures in one line."""
    parts = [
        f"{progress.samples_per_s:.1f}/s",
        f"{progress.tokens_per_s:.0f} tok/s",
        money(progress.cost_usd) + (f" of {money(progress.cap_usd)}" if progress.cap_usd is not None else ""),
        f"left {duration(progress.left_s)}",
    ]
    if progress.requests_used is not None:
        parts.append(f"rpm {progress.requests_used:.0%}")
    if progress.tokens_used is not None:
        parts.append(f"tpm {progress.tokens_used:.0%}")
    parts.append(f"{progress.in_flight} in flight")
    if progress.retries:
        parts.append(f"{progress.retries} retries")
    if progress.failed:
        parts.append(f"{progress.failed} failed")
    if progress.truncated:
        parts.append(f"{progress.truncated} truncated")
    if progress.near_duplicates is not None and progress.opening is not None:
        parts.append(f"repeats {progress.near_duplicates:.0%}, openings {progress.opening:.0%}")
    if progress.waiting_for:
        parts.append(printable_line(progress.waiting_for, 60))
    return ", ".join(parts)
