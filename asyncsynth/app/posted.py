"""A config that somebody sent: it stays below a folder, and does not say where requests go or which key they carry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from asyncsynth.app.load import config_of_text, load_config
from asyncsynth.config import Config, parsed
from asyncsynth.config.paths import stays
from asyncsynth.errors import ConfigError, Problem, UsageError

SOURCE, SUFFIX = "the config", ".toml"
# What would let whoever sends a config have the keys of this machine sent to an address of their own.
ONLY_IN_FILES = ("base_url", "proxy", "plain_http", "headers", "query", "auth", "api_key_env")


class Posted(Struct, frozen=True):
    """A file below the folder, or a text that could be one in it; `options` by their place go over it."""

    file: str | None
    text: str | None
    options: Mapping[str, Any]


def posted_config(posted: Posted, below: Path) -> Config:
    """The checked config. Raises ConfigError, UsageError; then nothing that it names was opened."""
    options = dict(posted.options)
    if (directory := options.get("output.directory")) is not None:
        options["output.directory"] = str(below / directory)
    if posted.text is not None:
        if problems := tuple(_sending(parsed(posted.text, SOURCE))):
            raise ConfigError(SOURCE, problems)
        return config_of_text(posted.text, SOURCE, below, options, below=below)
    sections: dict[str, dict[str, Any]] = {}
    for place, value in options.items():
        section, _, option = place.partition(".")
        sections.setdefault(section, {})[option] = value
    return load_config(file_below(posted.file or "", below), sections=sections, below=below)


def file_below(name: str, below: Path) -> Path:
    """The path of a config that is named relative to a folder. Raises UsageError where it is none of this folder."""
    if name.endswith(SUFFIX) and stays(str(below / name), below.resolve()):
        return below / name
    raise UsageError(
        f"there is no config {name!r} below the folder of configs", hint=f"name a {SUFFIX} file, relative to it"
    )


def _sending(tree: Mapping[str, Any]) -> Iterator[Problem]:
    named = tree.get("endpoints")
    endpoints = [(f"endpoints.{name}", table) for name, table in (named.items() if isinstance(named, dict) else ())]
    for place, table in [("endpoint", tree.get("endpoint")), *endpoints]:
        for option in ONLY_IN_FILES:
            if isinstance(table, dict) and option in table:
                yield Problem(
                    f"{place}.{option}", "is taken from files only: write it into one in the folder of configs"
                )
