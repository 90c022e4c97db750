"""A rehearsal asked for on the command line: what the file says of a real service is left out of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

REHEARSALS = ("local", "simulator")  # providers that send nothing to any other machine


def ignored_base_url(tree: dict[str, Any], settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Takes the file's base_url out of the parsed config where `settings` make a rehearsal of it, and says so."""
    endpoint, provider = tree.get("endpoint"), settings.get("endpoint.provider")
    if provider not in REHEARSALS or not isinstance(endpoint, dict) or "base_url" not in endpoint:
        return ()
    del endpoint["base_url"]
    if "endpoint.base_url" in settings:
        return ()
    return (f"endpoint.base_url is ignored: the provider is {provider}, and nothing is sent to any other machine",)
