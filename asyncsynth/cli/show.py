"""`--show`: each request, training example and completion, as it ends."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from asyncsynth.cli.console import say
from asyncsynth.values import Answered, GivenUp


def show_end(end: Answered | GivenUp) -> None:
    """Print a sample's request and what its record has, or why there is none."""
    request = end.request
    key = request.sample.key if request is not None else end.sample.key if isinstance(end, GivenUp) else ""
    say(f"\n=== {key} ===")
    if request is not None:
        if request.system is not None:
            say(f"--- system\n{request.system}")
        say(f"--- request\n{request.text}")
    if isinstance(end, GivenUp):
        say(f"--- given up: {end.fault.reason}: {end.fault.message}")
        return
    for row in end.rows:
        show_fields(row.fields, completion=f"completion ({end.answer.finish_reason})")
        if row.problem is not None:
            say(f"--- no record: {row.problem}\n--- answer\n{end.answer.text}")


def show_fields(fields: Mapping[str, Any], *, completion: str = "completion") -> None:
    """Print the fields of a record, each under its name."""
    names = {"prompt": "training prompt", "completion": completion}
    for name, value in fields.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
        say(f"--- {names.get(name, name)}\n{text}")
