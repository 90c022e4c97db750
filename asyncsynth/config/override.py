"""One `section.key=value` of the command line."""

from __future__ import annotations

import tomllib
from typing import Any

from asyncsynth.errors import UsageError


def parsed_override(override: str) -> tuple[str, Any]:
    """Its place and its value, typed as in TOML; what is no TOML is taken as a string."""
    try:
        override.encode()
    except UnicodeEncodeError:
        raise UsageError(f"--set {override}: must be UTF-8", hint="look at how your terminal encodes it") from None
    name, equals, text = override.partition("=")
    parts = [part.strip() for part in name.split(".")]
    if not equals or len(parts) < 2 or not all(parts):
        raise UsageError(
            f"--set {override}: expected section.key=value", hint="for example --set limits.concurrency=16"
        )
    try:
        value: Any = tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        value = text.strip()
    return ".".join(parts), value


def put(tree: dict[str, Any], place: str, value: Any) -> None:
    """Put a value at its place in a parsed config. UsageError where something else than a table is on the way."""
    *sections, name = place.split(".")
    table = tree
    for section in sections:
        table = table.setdefault(section, {})
        if not isinstance(table, dict):
            raise UsageError(f"--set {place}: {section} is not a table", hint="see the sections in config.toml")
    table[name] = value
