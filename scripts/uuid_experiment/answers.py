"""The answers of a cell as they are compared: those to one request together, and of each the same number of words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

WORDS = 40  # of each answer: what MAX_TOKENS gives nearly always
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Text(NamedTuple):
    """The first words of an answer, without any UUID that it repeats, which differs without saying anything new."""

    words: str
    repeats_uuid: bool


def texts_by_request(records: Iterable[Mapping[str, Any]], repeats: int) -> list[list[Text]]:
    """The texts to each request, in the order of the requests, of the first so many repeats."""
    by_request: dict[str, list[Text]] = {}
    for record in records:
        if record["repeat"] < repeats:
            by_request.setdefault(record["prompt"], []).append(text_of(record["completion"]))
    return [by_request[prompt] for prompt in sorted(by_request)]


def text_of(completion: str) -> Text:
    without, times = UUID.subn("", completion)
    return Text(" ".join(without.split()[:WORDS]), times > 0)
