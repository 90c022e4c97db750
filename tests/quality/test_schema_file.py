"""A JSON Schema in a file: it is sent as it stands, and what is wrong with the file is told with both places."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from asyncsynth.errors import ConfigError
from asyncsynth.quality.schema_file import MOST_BYTES
from asyncsynth.quality.structured import Read, Schema

PLACE = "steps.story.schema"
STORY: Any = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Story",
    "type": "object",
    "properties": {"title": {"type": "string", "minLength": 2}},
}


def wrong(folder: Path, name: str) -> str:
    with pytest.raises(ConfigError) as caught:
        Schema.of(name, folder, PLACE)
    (problem,) = caught.value.problems
    assert problem.place == PLACE
    return problem.what


def test_a_file_is_sent_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / "story.json").write_bytes(b"\xef\xbb\xbf" + json.dumps(STORY).encode())
    schema = Schema.of("story.json", tmp_path, PLACE)
    assert schema.json_schema == STORY
    assert schema.read('{"title": "The Lake", "more": 1}') == Read({"title": "The Lake", "more": 1})


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\xff\xfe{}", "is not UTF-8"),
        (b"{", "is not JSON"),
        (b'{"minimum": NaN}', "NaN is not a number"),
        (b'{"enum": [1e999]}', "1e999 is not a number"),
        (b"[" * 100_000, "is not JSON"),
        (b"[1]", "must be an object"),
        (b" " * (MOST_BYTES + 1), "is larger than 1,000,000 bytes"),
        (b'{"type": "strng"}', '#/type: "strng" is not a type'),
    ],
)
def test_what_is_wrong_with_a_file_is_told(tmp_path: Path, content: bytes, what: str) -> None:
    (tmp_path / "story.json").write_bytes(content)
    assert what in wrong(tmp_path, "story.json")


def test_a_file_that_is_not_there_and_a_pipe_are_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert wrong(tmp_path, "none.json") == f"{tmp_path}/none.json: no such file"
    assert "pipe" in wrong(tmp_path, "pipe")
    assert "directory" in wrong(tmp_path, ".")
