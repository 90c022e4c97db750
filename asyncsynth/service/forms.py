"""What can be sent to the service, as pydantic models: they check what comes, and describe it for OpenAPI."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from asyncsynth.app.posted import Posted
from asyncsynth.config.sections import BILLION, MAX_CONCURRENCY, TRILLION, checked_concurrency

Concurrency = Annotated[int, Field(ge=1, le=MAX_CONCURRENCY)] | Literal["auto"]


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Limits(Form):
    """What goes over [limits]; what is left out stays as the config has it."""

    concurrency: Concurrency | None = None
    requests_per_minute: int | None = Field(None, ge=1, le=BILLION)
    tokens_per_minute: int | None = Field(None, ge=1, le=TRILLION)
    max_cost_usd: float | None = Field(None, ge=0, le=BILLION)

    @field_validator("concurrency", mode="before")
    @classmethod
    def _concurrency_is_a_number_or_auto(cls, given: object) -> object:
        return None if given is None else checked_concurrency(given)

    def with_further(self, further: Limits) -> Limits:
        """These, and the further ones over them."""
        return self.model_copy(update=further.model_dump(exclude_none=True))


class Recipe(Form):
    """A config: a file below the folder of configs, or the text of one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"file": "config.toml", "limit": 16}]})

    file: str | None = Field(None, max_length=1000, description="a config, relative to the folder of configs")
    config: str | None = Field(None, max_length=1_000_000, description="the text of a config.toml, in place of a file")
    output: str | None = Field(None, max_length=1000, description="overrides output.directory; relative to that folder")
    limit: int | None = Field(None, ge=0, le=TRILLION, description="goes over combinations.limit")
    limits: Limits = Limits()

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.file is None) == (self.config is None):
            raise ValueError("either file or config")
        return self

    def posted(self) -> Posted:
        return Posted(self.file, self.config, options(self.output, self.limit, self.limits))


def options(output: str | None, limit: int | None, limits: Limits) -> dict[str, Any]:
    """Options of a config by their place, those that are given."""
    told = {"output.directory": output, "combinations.limit": limit}
    told |= {f"limits.{name}": value for name, value in limits.model_dump().items()}
    return {place: value for place, value in told.items() if value is not None}


class Start(Recipe):
    accept_changes: bool = Field(default=False, description="go on although paid answers are left behind")


class Preview(Recipe):
    samples: int = Field(3, ge=1, le=20, description="how many to render")


class Resume(Form):
    accept_changes: bool = Field(default=False, description="go on although paid answers are left behind")


class Nothing(Form):
    """An empty object."""


class Marked(Form):
    """What somebody thinks of a sample; mark null takes it back."""

    key: str = Field(pattern="^[0-9a-f]{32}$")
    mark: Literal["pass", "fail"] | None
    note: str = Field("", max_length=4000)


class Page(BaseModel):
    """The query of a page of samples."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    after: int = Field(0, ge=0, le=2**62, description="as `next` of the page before says; 0: the beginning")
    limit: int = Field(50, ge=1, le=500, description="how many samples, at most")
    where: list[Annotated[str, Field(pattern=r"^[^\W\d]\w*(\.\w+)*:", max_length=200)]] = Field(
        [], max_length=10, description="axis:value; only samples with these values"
    )


class SamplePage(Page):
    of: Literal["records", "failures"] = "records"


class Surveyed(BaseModel):
    """The query of a survey."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    samples: int = Field(200, ge=1, le=2000, description="how many samples it has, at most")
