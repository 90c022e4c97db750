"""Request and token limits, counted at arrival as a provider counts them; refused calls are not counted.

A call's tokens are its prompt tokens plus its max_tokens, since the answer's length isn't known at arrival
(OpenAI counts so: https://platform.openai.com/docs/guides/rate-limits). Input and output can be limited apart.
"""

from __future__ import annotations

from dataclasses import dataclass

from asyncsynth.servers.simulator.dialects.dialect import LimitKind, LimitState
from asyncsynth.servers.simulator.settings import Settings
from asyncsynth.servers.simulator.windows import Bucket, FixedWindow, SlidingWindow, Window


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a call was refused; `wait_s` is inf where the call alone is over the limit."""

    kind: LimitKind
    limit: int
    used: int
    requested: int
    wait_s: float


class Limits:
    """All limits together: a call takes from each or from none."""

    def __init__(self, settings: Settings) -> None:
        limits: dict[LimitKind, int | None] = {
            "requests": settings.requests_per_minute,
            "tokens": settings.tokens_per_minute,
            "input-tokens": settings.input_tokens_per_minute,
            "output-tokens": settings.output_tokens_per_minute,
        }
        self._windows = {kind: _window(settings, limit) for kind, limit in limits.items() if limit is not None}

    def admit(self, now: float, prompt_tokens: int, max_tokens: int) -> Refusal | None:
        """Count a call of so many tokens, or say why not; where several refuse, by the longest wait."""
        if not self._windows:
            return None
        amounts: dict[LimitKind, int] = {
            "requests": 1,
            "tokens": prompt_tokens + max_tokens,
            "input-tokens": prompt_tokens,
            "output-tokens": max_tokens,
        }
        refusals = [
            _refusal(kind, window, now, amounts[kind], wait)
            for kind, window in self._windows.items()
            if (wait := window.wait(now, amounts[kind]))
        ]
        if refusals:
            return max(refusals, key=lambda one: one.wait_s)
        for kind, window in self._windows.items():
            window.take(now, amounts[kind])
        return None

    def states(self, now: float) -> list[LimitState]:
        """What each limit that is set has left."""
        return [
            LimitState(kind, window.limit, window.remaining(now), window.reset(now))
            for kind, window in self._windows.items()
        ]


def _window(settings: Settings, limit: int) -> Window:
    match settings.window:
        case "sliding":
            return SlidingWindow(limit)
        case "fixed":
            return FixedWindow(limit)
        case "bucket":
            return Bucket(limit, settings.bucket_s)


def _refusal(kind: LimitKind, window: Window, now: float, amount: int, wait: float) -> Refusal:
    return Refusal(kind, window.limit, max(window.limit - window.remaining(now), 0), amount, wait)
