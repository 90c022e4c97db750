"""Waits as OpenAI writes them."""

from __future__ import annotations

import math

from asyncsynth.servers.simulator.windows import MINUTE, ROUNDING


def retry_headers(wait_s: float) -> tuple[tuple[str, str], ...]:
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
