"""Service tiers, which a parameter of the request names: flex is cheaper and slower, priority dearer and faster.

No price list that we have knows what tiers cost. What is cheaper costs at most what the usual tier does, which counts;
of any other tier the price is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from asyncsynth.config import Endpoint

FLEX = "flex"
FLEX_TIMEOUT_S = 900.0  # what OpenAI advises for flex processing
TIER_NAMES = ("service_tier", "serviceTier", "speed")  # the last one is Anthropic's
_CHEAPER = frozenset({FLEX, "batch"})
_USUAL = frozenset({"auto", "default", "standard", "standard_only", "on_demand"})


def tier_of(parameters: Mapping[str, Any]) -> str | None:
    """The tier that is asked for, where it is not the usual one."""
    tiers = (parameters.get(name) for name in TIER_NAMES)
    return next((tier for tier in tiers if isinstance(tier, str) and tier.lower() not in _USUAL), None)


def timeout_of(endpoint: Endpoint) -> float:
    """Seconds that a call may take: what the config says, else the default of its tier."""
    if tier_of(endpoint.parameters) == FLEX and "timeout_s" not in endpoint.model_fields_set:
        return FLEX_TIMEOUT_S
    return endpoint.timeout_s


def may_cost_more(parameters: Mapping[str, Any]) -> bool:
    """Whether the tier may cost more than the usual one, whose price is known."""
    tier = tier_of(parameters)
    return tier is not None and tier.lower() not in _CHEAPER


def tier_note(endpoint: Endpoint, *, free: bool) -> str | None:
    """What is to be known of the price; None where the usual tier is asked, or the config has a price of its own."""
    tier = tier_of(endpoint.parameters)
    if tier is None or free or endpoint.price is not None:
        return None
    if may_cost_more(endpoint.parameters):
        return (
            f"no price is known for tier {tier}, which may cost more than the usual one: costs are unknown; "
            "say them in [endpoint.price]"
        )
    return (
        f"no price is known for tier {tier}: the full price of {endpoint.model} is counted, which is the most that it "
        "can cost; say in [endpoint.price] what it does"
    )
