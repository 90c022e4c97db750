"""Rows: what trainers load, each made of one record, with the names and the nesting that they insist on."""

from __future__ import annotations

from asyncsynth.config.record import FACT_NAMES
from asyncsynth.outputs.examples import Record, Row

_FOLDERS = {"prompt": "prompts", "completion": "completions", "chosen": "chosen", "rejected": "rejected"}
_SPEAKERS = {"system": "system", "user": "human", "assistant": "gpt"}  # what ShareGPT calls the roles


def completions(record: Record) -> Row:
    """{"prompt", "completion"}, both texts: TRL's prompt-completion type."""
    return {"prompt": record["prompt"], "completion": record["completion"]}


def chat(record: Record) -> Row:
    """{"messages": [{"role", "content"}, ...]} of a pair: one question, one answer."""
    return {
        "messages": [
            {"role": "user", "content": record["prompt"]},
            {"role": "assistant", "content": record["completion"]},
        ]
    }


def dialogue(record: Record) -> Row:
    """The same of a record that is a dialogue already."""
    return {"messages": [{"role": turn["role"], "content": turn["content"]} for turn in record["messages"]]}


def sharegpt(record: Record) -> Row:
    """{"conversations": [{"from", "value"}, ...]} of a pair."""
    return {
        "conversations": [
            {"from": "human", "value": record["prompt"]},
            {"from": "gpt", "value": record["completion"]},
        ]
    }


def sharegpt_dialogue(record: Record) -> Row:
    """The same of a dialogue of user and assistant, with a system text at its head or none."""
    return {
        "conversations": [{"from": _SPEAKERS[turn["role"]], "value": turn["content"]} for turn in record["messages"]]
    }


def alpaca(record: Record) -> Row:
    """{"instruction", "input", "output"}; the whole prompt is the instruction."""
    return {"instruction": record["prompt"], "input": "", "output": record["completion"]}


def preference(record: Record) -> Row:
    """{"prompt", "chosen", "rejected"}: TRL's preference type with its prompt said, never left to be guessed."""
    return {"prompt": record["prompt"], "chosen": record["chosen"], "rejected": record["rejected"]}


def preference_openai(record: Record) -> Row:
    """{"input": {"messages"}, "preferred_output", "non_preferred_output"}, of one message of the assistant each."""
    return {
        "input": {"messages": [{"role": "user", "content": record["prompt"]}]},
        "preferred_output": [{"role": "assistant", "content": record["chosen"]}],
        "non_preferred_output": [{"role": "assistant", "content": record["rejected"]}],
    }


def whole(record: Record) -> Row:
    """All of the record, for whoever looks at it rather than trains on it."""
    return dict(record)


def for_hub(record: Record) -> Row:
    """The training example, then where it comes from."""
    fields = {name: value for name, value in record.items() if name not in FACT_NAMES}
    return {**fields, "combination": record["combination"], "model": record["model"], "key": record["key"]}


def texts(record: Record) -> Row:
    """What is written to files: {"key", "combination", "texts": {folder: text}}."""
    named = {_FOLDERS[name]: record[name] for name in _FOLDERS if name in record}
    return {"key": record["key"], "combination": record["combination"], "texts": named}
