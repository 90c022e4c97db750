"""The promises are tried on the real command line: its fixtures, and what must be true of a directory at any time."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import house, options, provider

__all__ = ["house", "intact", "one_clear_message", "options", "provider"]


def intact(directory: Path) -> list[str]:
    """The keys of the records that are there: every whole line is a record and none is there twice."""
    path = directory / "records.jsonl"
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    records = [json.loads(line) for line in lines]
    assert all(record["completion"] and record["prompt"] and record["combination"] for record in records)
    keys = [record["key"] for record in records]
    assert len(keys) == len(set(keys)), "a sample is there twice"
    return keys


def one_clear_message(stderr: str) -> str:
    """What a person is told at the end: what happened and what to do, once, and no traceback."""
    assert "Traceback" not in stderr
    lines = [line for line in stderr.splitlines() if not line.startswith("timestamp=")]
    assert lines, "nothing was said"
    assert lines[0].startswith("asyncsynth: ")
    assert lines[-1].startswith("-> ")
    assert stderr.count("asyncsynth: ") == 1
    return lines[0]
