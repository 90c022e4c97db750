"""Overrides are typed as in TOML; what can't be read is told clearly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from asyncsynth.config.read import put_override, read
from asyncsynth.errors import ConfigError, UsageError


@pytest.mark.parametrize(
    ("override", "tree"),
    [
        ("limits.concurrency=16", {"limits": {"concurrency": 16}}),
        ("endpoint.provider=simulator", {"endpoint": {"provider": "simulator"}}),
        ('endpoint.model="a=b"', {"endpoint": {"model": "a=b"}}),
        ("endpoint.parameters.temperature=0.7", {"endpoint": {"parameters": {"temperature": 0.7}}}),
        ("output.raw_log=false", {"output": {"raw_log": False}}),
        ('axes.genre=["a", "b"]', {"axes": {"genre": ["a", "b"]}}),
    ],
)
def test_an_override_is_typed_as_in_toml(override: str, tree: dict[str, Any]) -> None:
    put: dict[str, Any] = {}
    put_override(put, override)
    assert put == tree


@pytest.mark.parametrize("override", ["limits", "limits=3", "=3", "limits..x=3", "limits.concurrency"])
def test_an_override_of_the_wrong_shape_is_told(override: str) -> None:
    with pytest.raises(UsageError, match=r"expected section\.key=value"):
        put_override({}, override)


def test_an_override_below_a_value_is_told() -> None:
    with pytest.raises(UsageError, match="concurrency is not a table"):
        put_override({"limits": {"concurrency": 8}}, "limits.concurrency.x=1")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such config"):
        read(tmp_path / "none.toml")


def test_broken_toml_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[axes\n")
    with pytest.raises(ConfigError, match="line 1"):
        read(path)
