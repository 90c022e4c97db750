"""A rehearsal asked for on the command line: what the file says of real services is left out of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from asyncsynth.config.named import OF_A_SERVICE

REHEARSALS = ("local", "simulator")  # providers that send nothing to any other machine


def without_services(tree: dict[str, Any], settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Takes real services out of the parsed config where `settings` make a rehearsal of it, and says so."""
    provider = settings.get("endpoint.provider")
    if provider not in REHEARSALS:
        return ()
    endpoint, named = tree.get("endpoint"), tree.get("endpoints")
    notes = []
    if isinstance(endpoint, dict) and "base_url" in endpoint:
        del endpoint["base_url"]
        if "endpoint.base_url" not in settings:
            notes.append("endpoint.base_url is ignored")
    for name, own in named.items() if isinstance(named, dict) else ():
        if isinstance(own, dict) and f"endpoints.{name}.provider" not in settings:
            before = own.pop("provider", None)
            for option in (OF_A_SERVICE - {"price"}) & own.keys():
                del own[option]
            if before not in (None, provider):
                notes.append(f"endpoints.{name}.provider is ignored, too")
    return tuple(f"{note}: the provider is {provider}, and nothing is sent to any other machine" for note in notes)
