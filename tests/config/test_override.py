"""Overrides are typed as in TOML, and put where they say."""

from __future__ import annotations

from typing import Any

import pytest

from asyncsynth.config.override import parsed_override, put
from asyncsynth.errors import UsageError


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
    made: dict[str, Any] = {}
    put(made, *parsed_override(override))
    assert made == tree


@pytest.mark.parametrize("override", ["limits", "limits=3", "=3", "limits..x=3", "limits.concurrency"])
def test_an_override_of_the_wrong_shape_is_told(override: str) -> None:
    with pytest.raises(UsageError, match=r"expected section\.key=value"):
        parsed_override(override)


def test_an_override_of_bytes_that_are_no_text_is_told() -> None:
    with pytest.raises(UsageError, match="must be UTF-8"):
        parsed_override("prompt.system=caf\udce9")


def test_an_override_below_a_value_is_told() -> None:
    with pytest.raises(UsageError, match="concurrency is not a table"):
        put({"limits": {"concurrency": 8}}, "limits.concurrency.x", 1)
