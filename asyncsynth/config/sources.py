"""Axes that are more than a list of values: what a table under [axes] can say."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from pydantic import ConfigDict, Field, field_validator

from asyncsynth.config.section import Section
from asyncsynth.config.shown import shown
from asyncsynth.values import Value

MAX_WEIGHT = 1e9


class By(Section):
    """Values that depend on another axis: a list for each of its values."""

    model_config = ConfigDict(extra="allow")

    by: str = Field(description="another axis; beside it, a list of values for each of its values")
    __pydantic_extra__: dict[str, list[Any]]

    def lists(self) -> dict[str, list[Any]]:
        """The values by the name of a value of the other axis."""
        return self.__pydantic_extra__ or {}


class Rows(Section):
    """The rows of a file, each a table by its columns."""

    rows: str = Field(
        min_length=1,
        description="a .csv, .tsv, .jsonl or .parquet file, each row a table; or a folder of text files: name and text",
    )
    columns: list[str] | None = Field(
        None, min_length=1, description="the columns to keep; all where they are left out"
    )
    where: str | None = Field(
        None, description="an expression as in templates, over the axis itself: only what it holds for is kept"
    )
    sample: float | None = Field(
        None, gt=0, le=1, description="a share of the rows or lines, drawn by combinations.seed"
    )


class Lines(Section):
    """The lines of a file, each a text."""

    lines: str = Field(min_length=1, description="a file of texts, one a line; blank lines are left out")
    where: str | None = Field(None, description="as for rows")
    sample: float | None = Field(None, gt=0, le=1, description="as for rows")


class Draw(Section):
    """Values of which each sample draws one."""

    draw: list[Any] = Field(description="a list of values of which each sample draws one: they multiply nothing")
    weights: list[float] | None = Field(
        None, description="how often each value is drawn, relative to the others; left out: equally"
    )

    @field_validator("weights", mode="before")
    @classmethod
    def _weights_are_numbers_above_0(cls, weights: object) -> object:
        given = weights if isinstance(weights, list) else []
        if not all(type(one) in (int, float) and 0 < one < MAX_WEIGHT for one in given):
            raise ValueError("must be numbers above 0")
        return [float(one) for one in given] if isinstance(weights, list) else weights


class Drawn(Struct, frozen=True):
    """An axis of which each sample draws a value; as many weights as values."""

    values: tuple[Value, ...]
    weights: tuple[float, ...]


class Dependent(Struct, frozen=True):
    """An axis whose values depend on that of another axis, `by`; `values` by the text of a value of that."""

    by: str
    values: Mapping[str, tuple[Value, ...]]


AxisValues = Sequence[Value] | Dependent | Drawn  # a sequence may be one that reads its values from a file
Axes = Mapping[str, AxisValues]
Kind = tuple[Value, ...] | Dependent | Drawn | Rows | Lines
Given = Mapping[str, Kind]  # as the config has them; nothing was read yet


def listed(axis: Kind) -> Sequence[Value] | None:
    """The values that the config itself lists, some several times; None where they are drawn or stand in a file."""
    if isinstance(axis, Dependent):
        return [value for values in axis.values.values() for value in values]
    return axis if isinstance(axis, tuple) else None


def parent_text(value: Value) -> str:
    """How the name of a list in TOML means a value of another axis: a text as it is, else as TOML writes it."""
    return value if isinstance(value, str) else shown(value)
