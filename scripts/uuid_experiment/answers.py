"""The answers of a cell as they are compared: those to one request together, without the UUIDs that they repeat."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Answer(NamedTuple):
    """`tokens`: of all that the model wrote; a UUID differs without saying anything new, so `text` has none."""

    text: str
    tokens: int
    repeats_uuid: bool


def answers_by_request(records: Iterable[Mapping[str, Any]], repeats: int) -> list[list[Answer]]:
    """The answers to each request, in the order of the requests, of the first so many repeats."""
    by_request: dict[str, list[Answer]] = {}
    for record in records:
        if record["repeat"] < repeats:
            by_request.setdefault(record["prompt"], []).append(answer_of(record))
    return [by_request[prompt] for prompt in sorted(by_request)]


def answer_of(record: Mapping[str, Any]) -> Answer:
    text, times = UUID.subn("", record["completion"])
    return Answer(text, record["usage"]["completion_tokens"], times > 0)
