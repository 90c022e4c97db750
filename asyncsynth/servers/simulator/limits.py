"""Request and token limits, counted at arrival as a provider counts them; refused calls are not counted.

A call's tokens are its prompt tokens plus its max_tokens, since the answer's length isn't known at arrival
(OpenAI counts so: https://platform.openai.com/docs/guides/rate-limits).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from asyncsynth.servers.simulator.settings import Settings
from asyncsynth.servers.simulator.windows import MINUTE, ROUNDING, Bucket, FixedWindow, SlidingWindow, Window

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a call was refused; `wait_s` is inf where the call alone is over the limit."""

    kind: Literal["requests", "tokens"]
    limit: int
    used: int
    requested: int
    wait_s: float


class Limits:
    """Both limits together: a call takes from both or from none."""

    def __init__(self, settings: Settings) -> None:
        self._requests = _window(settings, settings.requests_per_minute)
        self._tokens = _window(settings, settings.tokens_per_minute)

    def admit(self, now: float, tokens: int) -> Refusal | None:
        """Count a call of `tokens`, or say why not; where both refuse, by the longer wait."""
        refusals: list[Refusal] = []
        if self._requests and (wait := self._requests.wait(now, 1)):
            refusals.append(_refusal("requests", self._requests, now, 1, wait))
        if self._tokens and (wait := self._tokens.wait(now, tokens)):
            refusals.append(_refusal("tokens", self._tokens, now, tokens, wait))
        if refusals:
            return max(refusals, key=lambda one: one.wait_s)
        if self._requests:
            self._requests.take(now, 1)
        if self._tokens:
            self._tokens.take(now, tokens)
        return None

    def headers(self, now: float) -> Headers:
        """The x-ratelimit-* headers of an answer; none for a limit that isn't set."""
        if not self._requests and not self._tokens:
            return ()
        headers: list[tuple[str, str]] = []
        for kind, window in (("requests", self._requests), ("tokens", self._tokens)):
            if window:
                headers += (
                    (f"x-ratelimit-limit-{kind}", str(window.limit)),
                    (f"x-ratelimit-remaining-{kind}", str(window.remaining(now))),
                    (f"x-ratelimit-reset-{kind}", duration(window.reset(now))),
                )
        return tuple(headers)


def retry_headers(wait_s: float) -> Headers:
    """Retry-After in whole seconds and retry-after-ms, both rounded up; a wait of inf says a minute."""
    milliseconds = math.ceil((MINUTE if math.isinf(wait_s) else wait_s) * 1000 - ROUNDING)
    return ("retry-after", str(-(-milliseconds // 1000))), ("retry-after-ms", str(milliseconds))


def duration(seconds: float) -> str:
    """Seconds as OpenAI writes them (Go's time.Duration), rounded up to milliseconds: 17ms, 1.5s, 6m0s, 1h0m0s."""
    milliseconds = math.ceil(seconds * 1000 - ROUNDING)
    if milliseconds <= 0:
        return "0s"
    if milliseconds < 1000:
        return f"{milliseconds}ms"
    minutes, rest = divmod(milliseconds, 60_000)
    text = f"{rest / 1000:.3f}".rstrip("0").rstrip(".") + "s"
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{text}"
    return f"{minutes}m{text}" if minutes else text


def _window(settings: Settings, limit: int | None) -> Window | None:
    if limit is None:
        return None
    match settings.window:
        case "sliding":
            return SlidingWindow(limit)
        case "fixed":
            return FixedWindow(limit)
        case "bucket":
            return Bucket(limit, settings.bucket_s)


def _refusal(kind: Literal["requests", "tokens"], window: Window, now: float, amount: int, wait: float) -> Refusal:
    return Refusal(kind, window.limit, max(window.limit - window.remaining(now), 0), amount, wait)
