"""The promises are tried on the real command line: its fixtures, and what must be true of a directory at any time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.cli.conftest import house, options, provider

__all__ = ["calls_lost", "complete", "house", "intact", "one_clear_message", "options", "provider", "whole_lines"]


def whole_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a file, but for a line that is still being written; none where there is no file."""
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]] if path.exists() else []


def intact(directory: Path) -> list[str]:
    """The keys of the answers that are there: every whole line is an answer and none is there twice."""
    answers = whole_lines(directory / "answers.jsonl")
    assert all(answer["text"] and answer["usage"] and answer["run"] for answer in answers)
    keys = [answer["key"] for answer in answers]
    assert len(keys) == len(set(keys)), "an answer appears twice"
    return keys


def complete(directory: Path) -> list[str]:
    """The same of a directory that no run works on, and each answer has its record."""
    keys, records = intact(directory), whole_lines(directory / "records.jsonl")
    assert all(record["completion"] and record["prompt"] and record["combination"] for record in records)
    assert sorted(record["key"] for record in records) == sorted(keys)
    return keys


def calls_lost(manifest: list[dict[str, Any]]) -> list[str]:
    """The keys of all calls that kills cut off, as the manifest lists them."""
    return [call[0] for line in manifest if line["type"] == "lost" for call in line["calls"]]


def one_clear_message(stderr: str) -> str:
    """What a person is told at the end: what happened and what to do, once, and no traceback."""
    assert "Traceback" not in stderr
    lines = [line for line in stderr.splitlines() if not line.startswith("timestamp=")]
    assert lines, "nothing was said"
    assert lines[0].startswith("asyncsynth: ")
    assert lines[-1].startswith("-> ")
    assert stderr.count("asyncsynth: ") == 1
    return lines[0]
