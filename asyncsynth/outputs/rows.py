"""Rows: what trainers load, each made of one record, with the names and the nesting that they insist on."""

from __future__ import annotations

from typing import Any

from asyncsynth.outputs.examples import Record

Row = dict[str, Any]

SPEAKERS = {"system": "system", "user": "human", "assistant": "gpt"}  # of ShareGPT


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
