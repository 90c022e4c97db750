"""The section [prompt]: what is asked, as one request or as a dialogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from pydantic import Field

from asyncsynth.config.section import Section
from asyncsynth.errors import Problem, nearest

Role = Literal["system", "user", "assistant"]


class PromptMessage(Section):
    """One turn of the dialogue that is sent."""

    role: Role = Field(description="who speaks: system, which can only be the first one, user or assistant")
    content: str = Field(description="a template of what is said; its names are those of prompt.request")


class Said(NamedTuple):
    """One template of what is sent, with its place in the config."""

    role: Role
    place: str
    template: str


class Prompt(Section):
    request: str | None = Field(
        None,
        description="the template of what is asked; its names are the axes and uuid; needed unless there are messages",
    )
    system: str | None = Field(None, description="the template of a system text")
    messages: list[PromptMessage] | None = Field(
        None, min_length=1, description="in place of request and system: examples and the dialogue so far"
    )
    endpoint: str | list[str] | None = Field(
        None,
        description="the name of an [endpoints.NAME] that makes it, or a list of names: whichever is free takes the"
        " next; left out: [endpoint]",
    )

    @property
    def system_text(self) -> Said | None:
        """The template of the system text, wherever it stands."""
        if self.messages is None:
            return None if self.system is None else Said("system", "prompt.system", self.system)
        first = self.messages[0]
        return Said("system", "prompt.messages[0].content", first.content) if first.role == "system" else None

    @property
    def turns(self) -> tuple[Said, ...]:
        """The templates of what user and assistant say; of a plain request there is one."""
        if self.messages is None:
            return (Said("user", "prompt.request", self.request or ""),)
        return tuple(
            Said(message.role, f"prompt.messages[{index}].content", message.content)
            for index, message in enumerate(self.messages)
            if message.role != "system"
        )

    @property
    def is_plain(self) -> bool:
        """Whether all that is said beside the system text is one request: messages may well be no more than that."""
        return [turn.role for turn in self.turns] == ["user"]


def prompt_problems(tree: Mapping[str, Any], missing: str) -> list[Problem]:
    """What the options of [prompt] can't tell one by one; `missing` is what is said where nothing is asked."""
    prompt = tree.get("prompt", {})
    if not isinstance(prompt, dict):
        return []  # the section's own check tells
    messages = prompt.get("messages")
    if messages is None:
        misspelt = (nearest(name, Prompt.model_fields) for name in prompt if name not in Prompt.model_fields)
        asks = "request" in prompt or not {"request", "messages"}.isdisjoint(misspelt)
        return [] if asks else [Problem("prompt.request", missing)]
    if not isinstance(messages, list):
        return []
    problems = []
    if "request" in prompt:
        problems.append(Problem("prompt.request", "can't stand beside messages: make it their last one, of role user"))
    if "system" in prompt:
        problems.append(
            Problem("prompt.system", "can't stand beside messages: make it their first one, of role system")
        )
    roles = [message.get("role") if isinstance(message, dict) else None for message in messages]
    for index, role in enumerate(roles):
        if role == "system" and index:
            problems.append(Problem(f"prompt.messages[{index}].role", "system can only be the first one"))
    if roles and "user" not in roles and None not in roles:
        problems.append(Problem("prompt.messages", "need one of role user: what shall be asked?"))
    return problems
