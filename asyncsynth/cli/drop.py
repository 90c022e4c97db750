"""`asyncsynth drop`: takes records out, so that the next run makes them anew under a new UUID."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from asyncsynth.app.load import load_config
from asyncsynth.app.store import opened
from asyncsynth.cli.console import count, say
from asyncsynth.cli.options import DEFAULT_CONFIG, ConfigFile, OutputDirectory, Settings
from asyncsynth.errors import Problem, UsageError, nearest
from asyncsynth.values import Value


def drop(
    keys: Annotated[list[str] | None, typer.Argument(help="Keys of records.", metavar="KEY")] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(help="Records with this value; several: all must hold.", metavar="AXIS=VALUE"),
    ] = None,
    config: ConfigFile = DEFAULT_CONFIG,
    output: OutputDirectory = None,
    settings: Settings = None,
) -> None:
    """Take records out, by key or by value; the next run makes them anew. What they cost stays in the ledger."""
    if bool(keys) == bool(where):
        raise UsageError("name the records to drop", hint="either KEY ... or --where AXIS=VALUE")
    loaded = load_config(config, settings, output=output)
    with opened(loaded) as store:
        if keys:
            unknown = [key for key in keys if key not in store.done]
            if unknown:
                raise UsageError(f"{unknown[0]}: no such record", hint="nothing was dropped; keys are in records.jsonl")
        chosen = _has_key(frozenset(keys)) if keys else _matches([_condition(one, loaded.axes) for one in where or ()])
        dropped = store.drop(chosen)
    say(f"{count(len(dropped), 'record')} dropped" + ("; the next run makes them anew" if dropped else ""))


def _has_key(keys: frozenset[str]) -> Callable[[Mapping[str, Any]], bool]:
    return lambda record: record["key"] in keys


def _condition(text: str, axes: Mapping[str, tuple[Value, ...]]) -> tuple[list[str], str]:
    name, equals, value = text.partition("=")
    path = name.strip().split(".")
    if not equals:
        raise UsageError(f"--where {text}: expected AXIS=VALUE", hint="for example --where place=India")
    if path[0] not in axes:
        problem = Problem(f"--where {text}", f"no axis {path[0]}", nearest(path[0], axes))
        raise UsageError(str(problem), hint="nothing was dropped")
    return path, value


def _matches(conditions: list[tuple[list[str], str]]) -> Callable[[Mapping[str, Any]], bool]:
    return lambda record: all(_value_at(record["combination"], path) == value for path, value in conditions)


def _value_at(combination: Any, path: list[str]) -> str | None:
    for part in path:
        if not isinstance(combination, Mapping) or part not in combination:
            return None
        combination = combination[part]
    # As in TOML and JSON, so that --where told=true and --where year=1990 find what the config says.
    return str(combination).lower() if isinstance(combination, bool) else str(combination)
