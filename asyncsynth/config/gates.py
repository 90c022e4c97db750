"""The table `gates` of a step: what an answer must be like to be used."""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from asyncsynth.config.expressions import Expression
from asyncsynth.config.languages import Language
from asyncsynth.config.section import Section

BILLION = 10**9


class Bounds(Section):
    """How many of something; both ends are allowed."""

    min: int | None = Field(None, ge=1, le=BILLION, description="at least so many")
    max: int | None = Field(None, ge=0, le=BILLION, description="at most so many")

    @model_validator(mode="after")
    def _bounds_something(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError("needs min, max or both, like { min = 600 }")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"no answer can pass: min {self.min:,} is above max {self.max:,}")
        return self


class GateSection(Section):
    """What an answer must be like to be used. Each is a rule of its own; an answer must pass them all."""

    words: Bounds | None = Field(
        None,
        description="how many words; of Chinese and Japanese, which have no blanks between them, how many characters",
    )
    characters: Bounds | None = Field(None, description="how many characters, without blanks before and after")
    lines: Bounds | None = Field(None, description="how many lines; blank ones don't count")
    forbid: list[Expression] = Field(
        [], description="regular expressions of which none may be found; without look-around, so that none can hang"
    )
    require: list[Expression] = Field([], description="regular expressions of which each must be found")
    finish: list[Literal["stop", "length"]] | None = Field(
        None,
        min_length=1,
        description='how an answer may end; ["stop"] rejects what was cut off at max_tokens, which ended with "length"',
    )
    refusal: bool = Field(False, description="true: an answer that begins by refusing (in 16 languages) is rejected")
    language: Language | None = Field(
        None,
        description='an answer that is clearly in another language than this one, like "en", is rejected; needs the '
        "extra `language`",
    )
    duplicate: float | None = Field(
        None,
        gt=0,
        le=1,
        description="an answer is rejected that shares so much with an earlier one of its step, of the runs of three "
        "words among their first 200: 0.5 is nearly the same",
    )

    def facts(self) -> dict[str, Any]:
        """What is asked for, as JSON; empty where nothing is."""
        return self.model_dump(exclude_defaults=True) if self.model_fields_set else {}
