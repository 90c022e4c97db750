"""One look at a run under way: counts and rates, for the progress display."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from asyncsynth.cli.progress import Progress
from asyncsynth.engine.tally import Tally
from asyncsynth.pace.gate import Gate
from asyncsynth.pace.requests import RequestLimit
from asyncsynth.pace.tokens import TokenLimit
from asyncsynth.values import usd

RATE_WINDOW_S = 20.0  # rates are means over this time, so that they follow a change and don't jump


@dataclass(slots=True)
class Look:
    """Call it for the Progress of now."""

    tally: Tally
    gate: Gate
    reused: int
    clock: Callable[[], float]  # the loop's
    priced: bool
    _began: float = field(init=False)
    _seen: deque[tuple[float, int, int]] = field(init=False)

    def __post_init__(self) -> None:
        self._began = self.clock()
        self._seen = deque([(self._began, 0, 0)])

    def __call__(self) -> Progress:
        tally, gate, now = self.tally, self.gate, self.clock()
        cap = gate.allowance.cap
        tokens = tally.prompt_tokens + tally.completion_tokens
        self._seen.append((now, tally.ended, tokens))
        while len(self._seen) > 2 and self._seen[1][0] <= now - RATE_WINDOW_S:
            self._seen.popleft()
        then, ended_then, tokens_then = self._seen[0]
        seconds = max(now - then, 1e-9)
        rate = (tally.ended - ended_then) / seconds
        return Progress(
            done=self.reused + tally.made,
            total=self.reused + tally.to_make,
            elapsed_s=now - self._began,
            samples_per_s=rate,
            tokens_per_s=(tokens - tokens_then) / seconds,
            cost_usd=usd(cap.billed) if self.priced else None,
            cap_usd=None if cap.limit is None else usd(cap.limit),
            left_s=(tally.to_make - tally.ended) / rate if rate > 0 else None,
            requests_used=_share(gate.allowance.requests, now),
            tokens_used=_share(gate.allowance.tokens, now),
            in_flight=tally.in_flight,
            concurrency=gate.allowance.concurrency.limit,
            retries=tally.retries,
            failed=tally.given_up,
            waiting_for=gate.held_back_by,
        )


def _share(limit: RequestLimit | TokenLimit | None, now: float) -> float | None:
    return None if limit is None else limit.used(now) / limit.per_minute
