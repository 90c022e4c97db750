"""The record of a sample of several steps, or why it can't be rendered: put together without asyncsynth's templates."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from asyncsynth.values import Sample
from tests.simulation.books import Line
from tests.simulation.one_step_model import FACTS
from tests.simulation.steps_taken import Taken, main_of, messages_of, told_by
from tests.simulation.steps_wish import RECORDS, StepsWish


def record_of(wish: StepsWish, sample: Sample, taken: Mapping[str, Taken]) -> Line:
    """The fields of the record behind its identity, or why it can't be rendered."""
    lines = {step: got.line for step, got in taken.items()}
    main = main_of(taken).line
    together = _together(list(lines.values()), main)
    told = {step: told_by(wish, step, line["text"]) or "" for step, line in lines.items()}
    story, said = told["story"], {**sample.combination, **told, "outline.plot": told["outline"]}
    chats = wish.third == "chat"
    if wish.record == len(RECORDS) - 1 and len(story) % 3 == 0 and not chats:
        why = "record.prompt: line 1: integer division or modulo by zero (with "
        why += ", ".join(f'{axis} = "{value}"' for axis, value in sample.combination.items()) + ")"
        failure = {"step": None, "reason": "record_template", "message": why, "status": None}
        return {**failure, "answer": main["text"], "attempts": together["attempts"], "created": main["created"]}
    number = str(7 // max(len(story) % 3, 1))
    fields: Line = {} if chats else {"prompt": "", "completion": told["title" if "title" in told else "story"]}
    for name, template in wish.record_templates.items():
        text = template.replace("{{ 7 // (story | length % 3) }}", number)
        text = text.replace("{{ " + wish.told + " | length }}", str(len(told["outline"])))
        fields[name] = messages_of(taken) if name == "messages" else _filled(text, said)
    return {**fields, **together, "steps": steps_told(wish, taken)}


def steps_told(wish: StepsWish, taken: Mapping[str, Taken]) -> Line:
    """What is told of each of these."""
    steps = {}
    for step, got in taken.items():
        shown = {"scores": json.loads(got.line["text"])} if step == "verdict" else {}
        told = told_by(wish, step, got.line["text"]) or ""
        shown |= {"value": {"plot": told}} if step == "outline" and wish.plot else {}
        steps[step] = step_told(got, shown)
    return steps


def step_told(got: Taken, shown: Mapping[str, Any] = MappingProxyType({})) -> Line:
    """An answer, and what is shown of it beside its text."""
    return {"key": got.key, "take": got.take, "text": got.line["text"], **shown, **_facts(got.line)}


def _filled(template: str, said: Mapping[str, Any]) -> str:
    """Each name once and never again, since texts may have names in braces of their own."""
    parts = template.split("{{ ")
    return parts[0] + "".join(said[name] + rest for name, _, rest in (part.partition(" }}") for part in parts[1:]))


def _facts(line: Line) -> Line:
    return {name: line[name] for name in FACTS}


def _together(lines: list[Line], main: Line) -> Line:
    """Sums over all calls; the rest is the main answer's."""
    usages, costs = [line["usage"] for line in lines], [line["cost_usd"] for line in lines]
    usage = {name: sum(one[name] for one in usages) for name in usages[0] if name != "source"}
    usage["source"] = "estimate" if "estimate" in [one["source"] for one in usages] else "endpoint"
    return {
        **_facts(main),
        "usage": usage,
        "cost_usd": None if None in costs else sum(round(cost * 10**12) for cost in costs) / 10**12,
        "attempts": sum(line["attempts"] for line in lines),
        "latency_s": round(sum(line["latency_s"] for line in lines), 3),
        "flags": list(dict.fromkeys(flag for line in lines for flag in line["flags"])),
    }
