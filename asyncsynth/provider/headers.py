"""What the headers of a reply say of limits, and whether to ask again. Pure parsing; how long to wait is in waits.

`headers` is any mapping that answers to lower-case names. x-ratelimit-* are OpenAI's and most others',
anthropic-ratelimit-* are Anthropic's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from asyncsynth.values import RateHints

MAX_DIGITS = 15  # of a limit; the longer ones are none

_NOTHING = RateHints()
_OF_LIMITS = "-ratelimit-"  # in the names of all headers that tell any
_ANTHROPICS_OWN = f"anthropic{_OF_LIMITS}"
_TOKENS = ("tokens", "input-tokens", "output-tokens")
_FIRST = tuple(f"anthropic-ratelimit-{kind}-limit" for kind in ("requests", *_TOKENS))
# For each of the hints the headers that tell it, of which the lowest counts.
_ANTHROPICS = tuple(
    tuple(f"{_ANTHROPICS_OWN}{kind}-{what}" for kind in kinds)
    for what in ("limit", "remaining")
    for kinds in (("requests",), _TOKENS)
)


def should_retry(headers: Mapping[str, str]) -> bool | None:
    """What x-should-retry says; None where it says nothing."""
    return {"true": True, "false": False}.get(headers.get("x-should-retry", "").strip().lower())


def rate_hints(headers: Mapping[str, str]) -> RateHints | None:
    """The limits and what is left of them; None where no header speaks of them.

    Anthropic limits tokens of prompts and of answers apart. Whoever keeps both together below the lower one passes
    neither.
    """
    if _OF_LIMITS not in (names := "".join(headers).lower()):  # one look at all: to ask for each takes longer
        return None
    get = headers.get
    limit_requests = get("x-ratelimit-limit-requests")
    limit_tokens = get("x-ratelimit-limit-tokens")
    requests = get("x-ratelimit-remaining-requests")
    tokens = get("x-ratelimit-remaining-tokens")
    if not (limit_requests or limit_tokens or requests or tokens):
        return _anthropics_hints(headers) if _ANTHROPICS_OWN in names else None
    hints = RateHints(_count(limit_requests), _count(limit_tokens), _count(requests), _count(tokens))
    return None if hints == _NOTHING else hints


def _anthropics_hints(headers: Mapping[str, str]) -> RateHints | None:
    get = headers.get
    if not (get(_FIRST[0]) or get(_FIRST[1]) or get(_FIRST[2]) or get(_FIRST[3])):  # most replies have none of them
        return None
    hints = RateHints(*(_lowest(headers, names) for names in _ANTHROPICS))
    return None if hints == _NOTHING else hints


def _lowest(headers: Mapping[str, str], names: Sequence[str]) -> int | None:
    counts = (_count(headers.get(name)) for name in names)
    return min((count for count in counts if count is not None), default=None)


def _count(value: str | None) -> int | None:
    """A limit or a remainder, whole or with decimals; None for `-1` (no limit) and nonsense."""
    if value is None:
        return None
    if value.isdigit() and value.isascii() and len(value) <= MAX_DIGITS:
        return int(value)
    whole = value.strip().partition(".")[0]
    return int(whole) if whole.isascii() and whole.isdigit() and len(whole) <= MAX_DIGITS else None
