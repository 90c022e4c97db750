"""What the service answers about runs and configs, as pydantic models."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

State = Literal["starting", "working", "ended", "cut off", "empty", "unreadable"]


class Failed(BaseModel):
    """Every answer with a status from 400 on."""

    error: str
    hint: str


class Done(BaseModel):
    """An empty object."""


class Progress(BaseModel):
    """As the progress line of a run; null: not known, as of a run that others started."""

    done: int
    total: int | None
    elapsed_s: float | None
    samples_per_s: float | None
    tokens_per_s: float | None
    cost_usd: float | None
    cap_usd: float | None
    left_s: float | None
    requests_used: float | None
    tokens_used: float | None
    in_flight: int
    concurrency: int | None
    retries: int
    failed: int
    truncated: int | None
    near_duplicates: float | None
    opening: float | None
    waiting_for: str


class Run(BaseModel):
    """An output directory, and the newest run in it."""

    id: str = Field(pattern="^[0-9a-f]{16}$")
    directory: str = Field(description="relative to the folder of configs")
    state: State
    working: bool
    ours: bool = Field(description="this service started it, and can drain and resume it")
    records: int
    failures: int
    wanted: int | None = Field(description="samples wanted in all; null: not known")
    calls: int
    cost_usd: float | None = Field(description="over all runs, billed for certain; null: some price is unknown")
    possible_usd: float = Field(description="over all runs, may have been billed on top of that")
    began: str | None
    ended: str | None = Field(description="how the newest run ended; null: it was cut off, or is still working")
    message: str | None = Field(description="what ended it early, of runs that this service started")
    hint: str | None
    progress: Progress | None = Field(None, description="while it works; null in the list of runs")


class Runs(BaseModel):
    runs: list[Run]


class Plan(BaseModel):
    """What a run would make; money in USD, null where unknown."""

    directory: str
    combinations: int
    samples: int
    there: int
    dead: int
    to_make: int
    requests: int
    left: int
    newly_left: int = Field(description="paid answers that this recipe leaves behind")
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None
    most_usd: float | None
    seconds: float | None = Field(description="the least that the limits allow")
    bottleneck: str
    changes: list[str]
    notes: list[str]


class Said(BaseModel):
    """What one step would send; its name is empty where there is one step."""

    step: str
    system: str | None
    request: str


class Previewed(BaseModel):
    key: str
    said: list[Said]
    fields: dict[str, Any]
    problem: str | None
    headed: list[str] = Field(description="the steps whose further takes have a line with a new UUID before the rest")


class Previews(BaseModel):
    samples: list[Previewed]
