"""What a model writes is decided by its parameters, but not by those that are a matter of price and speed."""

from __future__ import annotations

from asyncsynth.provider.deciding import deciding


def test_tiers_and_caches_decide_nothing() -> None:
    cheaper = {"service_tier": "flex", "prompt_cache_key": "a", "cache_control": {"type": "ephemeral"}, "speed": "fast"}
    assert deciding({"temperature": 1, "max_tokens": 5, **cheaper}) == {"temperature": 1, "max_tokens": 5}
