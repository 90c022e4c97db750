"""Axes that are more than a list of values: what a table under [axes] can say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ConfigDict, Field

from asyncsynth.config.section import Section
from asyncsynth.config.shown import shown
from asyncsynth.values import Value


class By(Section):
    """Values that depend on another axis: a list for each of its values."""

    model_config = ConfigDict(extra="allow")

    by: str = Field(description="another axis; beside it stands a list of values for each of its values")
    __pydantic_extra__: dict[str, list[Any]]

    def lists(self) -> dict[str, list[Any]]:
        """The values by the name of a value of the other axis."""
        return self.__pydantic_extra__ or {}


@dataclass(frozen=True, slots=True)
class Dependent:
    """An axis whose values depend on that of another axis, `by`; `values` by the text of a value of that."""

    by: str
    values: Mapping[str, tuple[Value, ...]]


AxisValues = Sequence[Value] | Dependent
Axes = Mapping[str, AxisValues]
Kind = tuple[Value, ...] | Dependent
Given = Mapping[str, Kind]  # as the config has them; nothing was read yet


def parent_text(value: Value) -> str:
    """How the name of a list in TOML means a value of another axis: a text as it is, else as TOML writes it."""
    return value if isinstance(value, str) else shown(value)
