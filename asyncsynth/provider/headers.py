"""What the headers of a reply say of limits, and whether to ask again. Pure parsing; how long to wait is in waits.

`headers` is any mapping that answers to lower-case names. x-ratelimit-* are OpenAI's and most others',
anthropic-ratelimit-* are Anthropic's.
"""

from __future__ import annotations

from collections.abc import Mapping

from asyncsynth.values import RateHints

MAX_DIGITS = 15  # of a limit; the longer ones are none

_NOTHING = RateHints()


def should_retry(headers: Mapping[str, str]) -> bool | None:
    """What x-should-retry says; None where it says nothing."""
    return {"true": True, "false": False}.get(headers.get("x-should-retry", "").strip().lower())


def rate_hints(headers: Mapping[str, str]) -> RateHints | None:
    """The limits and what is left of them; None where no header speaks of them."""
    get = headers.get
    limit_requests = get("x-ratelimit-limit-requests") or get("anthropic-ratelimit-requests-limit")
    limit_tokens = get("x-ratelimit-limit-tokens") or get("anthropic-ratelimit-tokens-limit")
    requests = get("x-ratelimit-remaining-requests") or get("anthropic-ratelimit-requests-remaining")
    tokens = get("x-ratelimit-remaining-tokens") or get("anthropic-ratelimit-tokens-remaining")
    if not (limit_requests or limit_tokens or requests or tokens):
        return None
    hints = RateHints(_count(limit_requests), _count(limit_tokens), _count(requests), _count(tokens))
    return None if hints == _NOTHING else hints


def _count(value: str | None) -> int | None:
    """A limit or a remainder, whole or with decimals; None for `-1` (no limit) and nonsense."""
    if value is None:
        return None
    if value.isdigit() and value.isascii() and len(value) <= MAX_DIGITS:
        return int(value)
    whole = value.strip().partition(".")[0]
    return int(whole) if whole.isascii() and whole.isdigit() and len(whole) <= MAX_DIGITS else None
