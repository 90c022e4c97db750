"""A JSON Schema in a file of the user's own."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, NoReturn

from asyncsynth.errors import ConfigError, Problem
from asyncsynth.regular_file import open_regular
from asyncsynth.text import printable_line

MOST_BYTES = 1_000_000


def schema_in(path: Path, place: str) -> dict[str, Any]:
    """The schema as it stands there. Raises ConfigError, naming the place in the config and the file."""

    def wrong(what: str) -> ConfigError:
        return ConfigError(place, (Problem(place, f"{path}: {what}"),))

    try:
        with open_regular(path) as file:
            content = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise wrong("no such file") from None
    except (OSError, ValueError) as error:
        raise wrong(f"can't be read: {getattr(error, 'strerror', None) or error}") from None
    if len(content) > MOST_BYTES:
        raise wrong(f"is larger than {MOST_BYTES:,} bytes")
    try:
        tree = json.loads(content.decode("utf-8-sig"), parse_constant=_no_number, parse_float=_finite)
    except UnicodeDecodeError:
        raise wrong("is not UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise wrong(f"is not JSON: {printable_line(str(error))}") from None
    if not isinstance(tree, dict):
        raise wrong("is not a JSON Schema: it must be an object")
    return tree


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        _no_number(digits)
    return number


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number that can be checked")
