"""What a record is as a training example, told by its fields, and what makes one useless to every trainer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

Record = Mapping[str, Any]  # a line of records.jsonl
Row = dict[str, Any]  # what a format makes of it
Fault = Callable[[Record], str | None]  # why a record can't be used; None where it is fine


class Kind(StrEnum):
    """The kinds of training examples, by the fields that they have."""

    PAIR = "prompt and completion"
    DIALOGUE = "messages"
    PREFERENCE = "prompt, chosen and rejected"


# What the model is trained to say, or not to say: the texts that follow the prompt.
ANSWERS = {Kind.PAIR: ("completion",), Kind.DIALOGUE: (), Kind.PREFERENCE: ("chosen", "rejected")}

_TEXTS = {kind: ("prompt", *answers) for kind, answers in ANSWERS.items()}


def kind_of(record: Record) -> Kind | None:
    """The kind of a record; None where its fields make no training example, such as a completion alone."""
    if "messages" in record:
        return Kind.DIALOGUE
    if "chosen" in record and "rejected" in record and "prompt" in record:
        return Kind.PREFERENCE
    return Kind.PAIR if "prompt" in record and "completion" in record else None


def fault_of(kind: Kind) -> Fault:
    """What tells why a record of this kind teaches nothing, or breaks trainers."""
    if kind is Kind.DIALOGUE:
        return _fault_in_dialogue
    names = _TEXTS[kind]

    def fault(record: Record) -> str | None:
        for name in names:
            text = record[name]
            if not text or text.isspace():
                return f"{name} is empty"
        return None

    return fault


def fault_in_turns(kind: Kind) -> Fault:
    """The same for trainers that want strict turns: a system text or none, then user and assistant by turns.

    LLaMA-Factory skips all other dialogues, and says so in a line of its log only.
    """
    if kind is not Kind.DIALOGUE:
        return fault_of(kind)

    def fault(record: Record) -> str | None:
        roles = [message["role"] for message in record["messages"]]
        turns = roles[1:] if roles[0] == "system" else roles
        if not turns or turns != ["user", "assistant"] * (len(turns) // 2):
            return "questions and answers don't take turns"
        return _fault_in_dialogue(record)

    return fault


def _fault_in_dialogue(record: Record) -> str | None:
    messages = record["messages"]
    if any(not message["content"].strip() for message in messages):
        return "a message is empty"
    return None if any(message["role"] == "assistant" for message in messages) else "the assistant says nothing"


def blanks_mover(kind: Kind) -> Callable[[Row], Row]:
    """What moves the blanks at the end of a row's prompt to the head of what follows it.

    Tokenizers join a blank with the word after it. A prompt that ends in one is therefore cut elsewhere than prompt and
    completion together, and a trainer that tells them apart by the number of tokens trains the wrong ones.
    """
    if kind is Kind.DIALOGUE:
        return lambda row: row
    answers = ANSWERS[kind]

    def moved(row: Row) -> Row:
        prompt = row["prompt"]
        bare = prompt.rstrip()
        if bare is not prompt:
            row["prompt"], blanks = bare, prompt[len(bare) :]
            for name in answers:
                row[name] = blanks + row[name]
        return row

    return moved
