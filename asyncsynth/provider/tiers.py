"""Service tiers, which a parameter of the request names: flex is cheaper and slower, priority dearer and faster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from asyncsynth.config import Endpoint

FLEX = "flex"
FLEX_TIMEOUT_S = 900.0  # what OpenAI advises for flex processing
_USUAL = frozenset({"auto", "default", "standard", "standard_only", "on_demand"})


def tier_of(parameters: Mapping[str, Any]) -> str | None:
    """The tier that is asked for, where it is not the usual one."""
    tier = parameters.get("service_tier", parameters.get("serviceTier"))
    return tier if isinstance(tier, str) and tier.lower() not in _USUAL else None


def timeout_of(endpoint: Endpoint) -> float:
    """Seconds that a call may take: what the config says, else the default of its tier."""
    if tier_of(endpoint.parameters) == FLEX and "timeout_s" not in endpoint.model_fields_set:
        return FLEX_TIMEOUT_S
    return endpoint.timeout_s


def tier_note(endpoint: Endpoint, *, free: bool) -> str | None:
    """What is to be known of the price; None where the usual tier is asked, or the config has a price of its own."""
    tier = tier_of(endpoint.parameters)
    if tier is None or free or endpoint.price is not None:
        return None
    return (
        f"no price is known for service_tier {tier}: what {endpoint.model} costs in the usual tier is assumed; "
        "set [endpoint.price] for another"
    )
