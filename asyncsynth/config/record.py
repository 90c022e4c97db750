"""The section [record]: the fields of a training example, each a template or a list of templates."""

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, Tag

from asyncsynth.config.section import Section

Role = Literal["system", "developer", "user", "assistant", "tool"]
COMPLETION = "{{ completion }}"
_NAME = r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}"
# What a record tells of its answer; see store/answers.py.
ANSWER_FACTS = (
    "model",
    "finish_reason",
    "usage",
    "cost_usd",
    "attempts",
    "latency_s",
    "created",
    "generation",
    "run",
    "flags",
)
# What every record has beside its own fields; see store/records.py.
FACT_NAMES = frozenset(
    {
        "key",
        "combination",
        "repeat",
        *ANSWER_FACTS,
        "steps",
    }
)


def _text_or_texts(given: object) -> object:
    texts = given if isinstance(given, list | tuple) else [given]
    if not texts or not all(isinstance(text, str) for text in texts):
        raise ValueError("must be a text, or a list of texts of which one is drawn for each sample")
    return given


Templates = Annotated[str | list[str], BeforeValidator(_text_or_texts)]


class Message(Section):
    """One turn of a training example that is a dialogue."""

    role: Role = Field(description="who speaks")
    content: str = Field(description="a template of what is said")


def _dialogue_or_messages(given: object) -> str:
    return "str[]" if isinstance(given, str) else "list[]"


# The tags are no part of a mistake's place.
Messages = Annotated[
    Annotated[list[Message], Field(min_length=1), Tag("list[]")] | Annotated[str, Tag("str[]")],
    Discriminator(_dialogue_or_messages),
]


class Record(Section):
    """The training example; further fields may have any name that records don't have already."""

    model_config = ConfigDict(extra="allow")

    prompt: Templates | None = Field(
        None, description="the training prompt: a template, or a list of which one is drawn for each sample"
    )
    completion: Templates | None = Field(
        None, description=f'"{COMPLETION}" if left out, unless there are messages or a chosen answer'
    )
    messages: Messages | None = Field(
        None,
        description="the whole example as a dialogue, in place of prompt and completion: messages, or a step that is a"
        ' dialogue, like "{{ chat }}"',
    )
    __pydantic_extra__: dict[str, Templates]

    def fields(self) -> dict[str, str | list[str] | list[Message]]:
        """Every field of the training example with its templates, in the order in which records have them."""
        further = self.__pydantic_extra__ or {}
        completion = self.completion
        if completion is None and self.messages is None and "chosen" not in further:
            completion = COMPLETION
        named = {"prompt": self.prompt, "completion": completion, "messages": self.messages}
        return {name: templates for name, templates in named.items() if templates is not None} | further

    @property
    def dialogue(self) -> str | None:
        """The name of the step whose messages are the example's; "" where `messages` is a text that names none."""
        if not isinstance(self.messages, str):
            return None
        named = re.fullmatch(_NAME, self.messages.strip())
        return "" if named is None else named[1]

    def templates(self) -> Iterator[tuple[str, str]]:
        """Each template with its place in the config."""
        for name, templates in self.fields().items():
            place = f"record.{name}"
            if isinstance(templates, str):
                yield place, templates
                continue
            entries: Sequence[str | Message] = templates
            for index, entry in enumerate(entries):
                if isinstance(entry, Message):
                    yield f"{place}[{index}].content", entry.content
                else:
                    yield f"{place}[{index}]", entry
