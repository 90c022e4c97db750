"""What the service answers of what is in an output directory, as pydantic models."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Page(BaseModel):
    next: int | None = Field(description="where the next page begins; null at the end as it is now")


class Records(Page):
    records: list[dict[str, Any]] = Field(description="lines of records.jsonl")


class Failures(Page):
    failures: list[dict[str, Any]] = Field(description="lines of failures.jsonl")


class Samples(Page):
    samples: list[dict[str, Any]] = Field(description="either, as the page shows them; long texts are cut")


class Survey(BaseModel):
    """Figures and samples for the page."""

    model_config = ConfigDict(extra="allow")


class Mark(BaseModel):
    key: str
    mark: Literal["pass", "fail"] | None
    note: str


class Marks(BaseModel):
    marks: list[Mark]
