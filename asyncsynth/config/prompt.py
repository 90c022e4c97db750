"""What is asked in one step: the section [prompt], of a recipe of one, or each [steps.NAME]."""

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct
from pydantic import Field, field_validator

from asyncsynth.config.cutting import CutExpression
from asyncsynth.config.dialogue import MAX_ROUNDS, is_rounds
from asyncsynth.config.gates import GateSection
from asyncsynth.config.parameters import checked_parameters
from asyncsynth.config.section import Section
from asyncsynth.errors import Problem, nearest

Role = Literal["system", "user", "assistant"]
_ASKING = {"request", "messages", "judge", "dialogue"}  # options that say what is asked


class PromptMessage(Section):
    """One turn of the dialogue that is sent."""

    role: Role = Field(description="who speaks: system, which can only be the first one, user or assistant")
    content: str = Field(description="a template of what is said; its names are those of prompt.request")


class Said(Struct, frozen=True):
    """One template of what is sent, with its place in its section."""

    role: Role
    place: str
    template: str


class Prompt(Section):
    """The same options in [prompt] and in each [steps.NAME]."""

    request: str | None = Field(
        None,
        description="the template of what is asked; its names are the axes and uuid; needed unless there are messages",
    )
    system: str | None = Field(None, description="the template of a system text")
    messages: list[PromptMessage] | None = Field(
        None, min_length=1, description="in place of request and system: examples and the dialogue so far"
    )
    dialogue: int | str | None = Field(
        None,
        description="in place of request: how often each of two sides speaks, or the name of an axis that says it; each"
        " turn is an answer of its own, and the step's is the list of messages",
    )
    user: str | None = Field(None, description="of a dialogue: the template of the system text for the side that asks")
    assistant: str | None = Field(None, description="the same for the side that answers; may be left out")
    until: str | None = Field(
        None, min_length=1, description="of a dialogue: ends it once a turn has this in it; it is taken out of the turn"
    )
    user_endpoint: str | list[str] | None = Field(
        None,
        description="of a dialogue: what makes the turns of the user, by its own model and parameters; left out: what"
        " makes the others",
    )
    endpoint: str | list[str] | None = Field(
        None,
        description="the name of an [endpoints.NAME] that makes it, or a list of names: whichever is free takes the"
        " next; left out: [endpoint]",
    )
    model: str | None = Field(None, min_length=1, description="another model than that of the endpoint")
    parameters: dict[str, Any] = Field({}, description="override those of the endpoint, for this step alone")
    clean: list[CutExpression] = Field(
        [], description="regular expressions: what they find is cut out of an answer before it is used, and kept in it"
    )
    gates: GateSection = Field(GateSection.left_out(), description="what an answer must be like to be used")
    structure: dict[str, Any] | str | None = Field(
        None,
        alias="schema",
        description='the form of a structured answer, like { title = "string", acts = ["string"] }, or the path of a'
        " JSON Schema file",
    )
    judge: str | None = Field(None, description="the name of an earlier step, whose answer this one grades")
    rubric: dict[str, Any] | None = Field(
        None, description='what a judge grades: { detail = { 5 = "...", 1 = "..." } }, a whole number for each line'
    )
    keep: str | None = Field(
        None,
        description="an expression over the axes, this answer and earlier ones; an answer for which it does not hold is"
        " rejected",
    )
    retry: int = Field(
        0,
        ge=0,
        le=100,
        description="how often a rejected answer is asked for again, with a new UUID; one that was paid for and is of"
        " no use counts as well",
    )
    retry_with_reason: bool = Field(
        False, description="true: the model is shown the answer that was rejected, and why, when it is asked again"
    )

    @field_validator("dialogue", mode="before")
    @classmethod
    def _dialogue_has_rounds(cls, rounds: object) -> object:
        if rounds is not None and not isinstance(rounds, str) and not is_rounds(rounds):
            raise ValueError(
                f"must be a whole number from 1 to {MAX_ROUNDS}, or the name of an axis that has such ones"
            )
        return rounds

    @field_validator("parameters")
    @classmethod
    def _parameters_leave_one_answer(cls, parameters: dict[str, Any]) -> dict[str, Any]:
        return checked_parameters(parameters)

    @property
    def system_text(self) -> Said | None:
        """The template of the system text, wherever it stands."""
        if self.messages is None:
            return None if self.system is None else Said("system", "system", self.system)
        first = self.messages[0]
        return Said("system", "messages[0].content", first.content) if first.role == "system" else None

    @property
    def turns(self) -> tuple[Said, ...]:
        """The templates of what user and assistant say; of a plain request there is one."""
        if self.dialogue is not None:
            return ()  # they are said one by one
        if self.messages is None:
            # A judge that says nothing else is shown what it judges.
            judged = "" if self.judge is None else "{{ " + self.judge + " }}"
            return (Said("user", "request", judged if self.request is None else self.request),)
        return tuple(
            Said(message.role, f"messages[{index}].content", message.content)
            for index, message in enumerate(self.messages)
            if message.role != "system"
        )

    @property
    def templates(self) -> tuple[Said, ...]:
        """All templates of what is sent."""
        sides = (("user", self.user), ("assistant", self.assistant))
        if self.dialogue is not None:
            return tuple(Said("system", side, text) for side, text in sides if text is not None)
        system = self.system_text
        return self.turns if system is None else (*self.turns, system)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the endpoints that make it; () for [endpoint]."""
        if not self.endpoint:
            return ()
        return (self.endpoint,) if isinstance(self.endpoint, str) else tuple(self.endpoint)

    @property
    def takes_all(self) -> bool:
        """Whether every answer is taken, and as it comes."""
        looked_at = self.keep or self.clean or self.structure is not None or self.judge or self.gates.facts()
        return not looked_at

    @property
    def is_plain(self) -> bool:
        """Whether all that is said beside the system text is one request: messages may well be no more than that."""
        return [turn.role for turn in self.turns] == ["user"]


def prompt_problems(place: str, section: Mapping[str, Any], missing: str) -> list[Problem]:
    """What the options of the section at `place` can't tell one by one; `missing` is said where nothing is asked."""
    messages = section.get("messages")
    if messages is None:
        misspelt = (nearest(name, Prompt.model_fields) for name in section if name not in Prompt.model_fields)
        asks = not _ASKING.isdisjoint(section) or not _ASKING.isdisjoint(misspelt)
        return [] if asks else [Problem(f"{place}.request", missing)]
    if not isinstance(messages, list):
        return []
    problems = []
    if "request" in section:
        what = "can't be used with messages: make it their last one, of role user"
        problems.append(Problem(f"{place}.request", what))
    if "system" in section:
        what = "can't be used with messages: make it their first one, of role system"
        problems.append(Problem(f"{place}.system", what))
    roles = [message.get("role") if isinstance(message, dict) else None for message in messages]
    for index, role in enumerate(roles):
        if role == "system" and index:
            problems.append(Problem(f"{place}.messages[{index}].role", "system can only be the first one"))
    if roles and "user" not in roles and None not in roles:
        problems.append(Problem(f"{place}.messages", "need one of role user: what should be asked?"))
    return problems
