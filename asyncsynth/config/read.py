"""Read config.toml and put the command line's overrides over it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from asyncsynth.errors import ConfigError, Problem, UsageError


def read_tree(path: Path) -> dict[str, Any]:
    """The sections of a config file, as they stand. Raises UsageError where there is no such file, ConfigError where
    it is no TOML.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"{path}: no such config", hint="name one with --config FILE") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: can't be read: {error}", hint="name another one with --config FILE") from error
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(path), (Problem("TOML", str(error)),)) from error


def put_section(tree: dict[str, Any], name: str, section: Any) -> None:
    """Put a section of plain values over the tree's; tables within it go over tables of the same name."""
    there = tree.get(name)
    if not isinstance(section, dict) or not isinstance(there, dict) or name == "axes":
        tree[name] = section
        return
    for option, value in section.items():
        put_section(there, option, value)


def put_override(tree: dict[str, Any], override: str) -> None:
    """Put one `section.key=value` into the tree; a value that is no TOML is taken as a string."""
    name, equals, text = override.partition("=")
    parts = [part.strip() for part in name.split(".")]
    if not equals or len(parts) < 2 or not all(parts):
        raise UsageError(
            f"--set {override}: expected section.key=value", hint="for example --set limits.concurrency=16"
        )
    try:
        value: Any = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text.strip()
    table = tree
    for part in parts[:-1]:
        table = table.setdefault(part, {})
        if not isinstance(table, dict):
            raise UsageError(f"--set {override}: {part} is not a table", hint="see the sections in config.toml")
    table[parts[-1]] = value
