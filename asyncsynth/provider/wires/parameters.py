"""Parameters of single wire formats: where they stand in a request, and which a request has from the recipe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from asyncsynth.values import Api

# Made from the recipe, or it would change what one reply is.
_TAKEN: Mapping[Api, frozenset[str]] = {
    "responses": frozenset({"input", "instructions", "background", "conversation"}),
    "anthropic": frozenset({"system"}),
    "gemini": frozenset({"contents", "systemInstruction", "system_instruction", "candidateCount", "candidate_count"}),
}
_CONFIG = ("generationConfig", "generation_config")
# Gemini's request has these beside generationConfig; the service reads both spellings.
_BESIDE_CONFIG = frozenset({
    *_CONFIG, "safetySettings", "safety_settings", "tools", "toolConfig", "tool_config", "cachedContent",
    "cached_content", "labels", "serviceTier", "service_tier", "store",
})  # fmt: skip


def taken(api: Api, parameters: Mapping[str, Any]) -> Iterator[str]:
    """The parameters that can't be set for this API."""
    within = _within_config(parameters) if api == "gemini" else {}
    yield from sorted({*parameters, *within} & _TAKEN.get(api, frozenset()))


def placed(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Gemini's parameters where its request has them: its own members at the top, all others in generationConfig."""
    top = {name: value for name, value in parameters.items() if name in _BESIDE_CONFIG and name not in _CONFIG}
    config = {name: value for name, value in parameters.items() if name not in _BESIDE_CONFIG}
    return {**top, "generationConfig": {**_within_config(parameters), **config}}


def _within_config(parameters: Mapping[str, Any]) -> dict[str, Any]:
    within: dict[str, Any] = {}
    for name in _CONFIG:
        within |= parameters[name] if isinstance(parameters.get(name), Mapping) else {}
    return within
