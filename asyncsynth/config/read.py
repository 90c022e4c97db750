"""Read config.toml and put the command line's overrides over it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from asyncsynth.config.check import Checked, check
from asyncsynth.config.mistakes import toml_problem
from asyncsynth.config.override import parsed_override, put
from asyncsynth.config.paths import leading_out, placed
from asyncsynth.config.rehearsal import NONE_KNOWN, without_services
from asyncsynth.errors import ConfigError, UsageError
from asyncsynth.regular_file import read_regular


def read(
    path: Path,
    overrides: Iterable[str] = (),
    options: Mapping[str, Any] | None = None,
    apis: Mapping[str, str] = NONE_KNOWN,
    *,
    below: Path | None = None,
) -> Checked:
    """The file at `path`, with the `section.key=value` overrides over it, and `options` over all, checked as a whole.

    `options` are values by their place, like {"output.directory": "runs/a"}; None stands for one that is not given.
    `apis` are what services speak where the config does not say it.
    Paths in the file are relative to its folder, those of overrides and options to the working directory.
    Raises UsageError where there is no such file or an override is none, ConfigError where the file is no TOML, and
    where a path leads out of `below`: then nothing that it names was opened.
    """
    return _put_together(_tables_of(path), str(path), path.parent, overrides, options, apis, below)


def read_text(
    text: str,
    source: str,
    folder: Path,
    options: Mapping[str, Any] | None = None,
    apis: Mapping[str, str] = NONE_KNOWN,
    *,
    below: Path | None = None,
) -> Checked:
    """As `read`, of a text that stands in no file, but could in this folder; `source` says where it comes from."""
    return _put_together(parsed(text, source), source, folder, (), options, apis, below)


def _put_together(
    tree: dict[str, Any],
    source: str,
    folder: Path,
    overrides: Iterable[str],
    options: Mapping[str, Any] | None,
    apis: Mapping[str, str],
    below: Path | None,
) -> Checked:
    placed(tree, folder)
    settings = [parsed_override(override) for override in overrides]
    settings += [(place, value) for place, value in (options or {}).items() if value is not None]
    notes = without_services(tree, dict(settings), apis)
    for place, value in settings:
        put(tree, place, value)
    placed(tree, Path())
    if below is not None and (problems := leading_out(tree, folder, below)):
        raise ConfigError(source, tuple(problems))
    return check(tree, source, notes, folder)


def read_sections(sections: dict[str, Any], source: str, options: Mapping[str, Any] | None = None) -> Checked:
    """Sections of plain values in place of a file; `source` says where they come from, paths are as for `options`."""
    for place, value in (options or {}).items():
        if value is not None:
            put(sections, place, value)
    placed(sections, Path())
    return check(sections, source)


def _tables_of(path: Path) -> dict[str, Any]:
    try:
        text = read_regular(path).decode("utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"{path}: no such config", hint="asyncsynth init writes one; --config names yours") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is not UTF-8: {error}", hint="save it as UTF-8") from error
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or error
        raise UsageError(f"{path}: can't be read: {why}", hint="name another one with --config FILE") from error
    return parsed(text, str(path))


def parsed(text: str, source: str) -> dict[str, Any]:
    """The tables of a text. Raises ConfigError where it is no TOML."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(source, (toml_problem(text, error),)) from error
