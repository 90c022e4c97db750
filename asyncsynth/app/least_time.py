"""How long calls take at least, by the limits of the endpoints that share them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Self

from msgspec import Struct

from asyncsynth.app.target import Target


class Load(Struct, frozen=True):
    """The calls of one step, for these endpoints together; `tokens` is what each of them counts for all of them."""

    targets: tuple[Target, ...]
    requests: int
    tokens: tuple[float, ...]

    @classmethod
    def of(cls, targets: Sequence[Target], requests: int, prompt: float, completion: float) -> Self:
        """So many requests of so many tokens; limits count max_tokens, and `completion` only where there is none."""
        tokens = (requests * (prompt + (target.most_tokens or completion)) for target in targets)
        return cls(tuple(targets), requests, tuple(tokens))


def least_seconds(loads: Iterable[Load]) -> tuple[float | None, str]:
    """And the limit that decides; None: none does.

    Steps that go to the same endpoints share their limits; those that go to others are made beside them.
    """
    by_endpoints: dict[tuple[str, ...], list[Load]] = {}
    for load in loads:
        by_endpoints.setdefault(tuple(target.name for target in load.targets), []).append(load)
    minutes, bottleneck = max(map(_least_minutes, by_endpoints.values()), key=lambda found: found[0])
    return (minutes * 60, bottleneck) if minutes else (None, "")


def _least_minutes(loads: Sequence[Load]) -> tuple[float, str]:
    """Of loads on the same endpoints, each of which takes its share; 0: no limit decides."""
    targets, requests = loads[0].targets, sum(load.requests for load in loads)
    speed, bottleneck = 0.0, ""  # in shares of the whole a minute
    for place, target in enumerate(targets):
        limits, tokens = target.limits, sum(load.tokens[place] for load in loads)
        minutes = {
            "requests_per_minute": requests / limits.requests_per_minute if limits.requests_per_minute else 0.0,
            "tokens_per_minute": tokens / limits.tokens_per_minute if limits.tokens_per_minute else 0.0,
        }
        slowest = max(minutes, key=lambda name: minutes[name])
        if not minutes[slowest]:
            return 0.0, ""
        speed, bottleneck = speed + 1 / minutes[slowest], f"limits.{slowest}"
    return 1 / speed, bottleneck if len(targets) == 1 else "the limits of its endpoints"
