"""A rehearsal asked for on the command line: what the file says of real services is left out of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from asyncsynth.config.named import OF_A_SERVICE

SIMULATOR = "simulator"
REHEARSALS = ("local", SIMULATOR)  # providers that send nothing to any other machine
SPOKEN_BY_LOCAL = ("chat", "completions")
NONE_KNOWN: Mapping[str, str] = MappingProxyType({})


def without_services(
    tree: dict[str, Any], settings: Mapping[str, Any], apis: Mapping[str, str] = NONE_KNOWN
) -> tuple[str, ...]:
    """Takes real services out of the parsed config where `settings` make a rehearsal of it, and says so.

    `apis` are what services speak where the config does not say it: the simulator speaks what the service would.
    """
    provider = settings.get("endpoint.provider")
    if provider not in REHEARSALS:
        return ()
    endpoint, named = tree.get("endpoint"), tree.get("endpoints")
    notes = []
    if isinstance(endpoint, dict):
        _speak_as_before(endpoint, endpoint.get("provider"), provider, apis)
    if isinstance(endpoint, dict) and "base_url" in endpoint:
        del endpoint["base_url"]
        if "endpoint.base_url" not in settings:
            notes.append("endpoint.base_url is ignored")
    for name, own in named.items() if isinstance(named, dict) else ():
        if isinstance(own, dict) and f"endpoints.{name}.provider" not in settings:
            before = own.pop("provider", None)
            _speak_as_before(own, before, provider, apis)
            for option in (OF_A_SERVICE - {"price", "api"}) & own.keys():
                del own[option]
            if before not in (None, provider):
                notes.append(f"endpoints.{name}.provider is ignored, too")
    return tuple(f"{note}: the provider is {provider}, and nothing is sent to any other machine" for note in notes)


def _speak_as_before(endpoint: dict[str, Any], before: object, provider: object, apis: Mapping[str, str]) -> None:
    """The simulator speaks what the service before it does; the local model can't speak all of that."""
    if provider == SIMULATOR and isinstance(before, str) and before in apis:
        endpoint.setdefault("api", apis[before])
    elif provider != SIMULATOR and endpoint.get("api") not in SPOKEN_BY_LOCAL:
        endpoint.pop("api", None)
