"""What a request body asks for, or why it can't be answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson
from msgspec import Struct

from asyncsynth.servers.simulator.dialects import DIALECTS
from asyncsynth.servers.simulator.dialects.dialect import Invalid
from asyncsynth.servers.simulator.draws import fingerprint
from asyncsynth.servers.simulator.text import count_tokens
from asyncsynth.values import Api

_UUID_LINE = re.compile(r"([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})[ \t]*(?:\r?\n|\Z)")


class Asked(Struct, frozen=True):
    """A request that can be answered; `prompt` is the last user message, or the prompt of a completion."""

    model: str
    prompt: str
    prompt_id: bytes  # fingerprint of the prompt
    prompt_tokens: int  # of all messages
    max_tokens: int
    schema: Mapping[str, Any] | None = None  # that the answer shall fit
    bounded: bool = False  # by the request itself


def prompt_hash(prompt: str) -> str:
    """The 32 hex digits by which /stats and the ledger name a prompt (its exact text, a UUID line included)."""
    return prompt_id(prompt).hex()


def prompt_id(prompt: str) -> bytes:
    return fingerprint(prompt.encode("utf-8", "surrogatepass"))


def uuid_line(prompt: str) -> str | None:
    """The UUID that is the whole first line of a prompt."""
    match = _UUID_LINE.match(prompt)
    return match[1] if match else None


def read_request(api: Api, body: bytes, default_max_tokens: int, model: str | None = None) -> Asked | Invalid:
    """Read a body; `model`: as the path has it, where the API has it there."""
    try:
        tree = orjson.loads(body)
    except orjson.JSONDecodeError:
        return Invalid("We could not parse the JSON body of your request.")
    if not isinstance(tree, dict):
        return Invalid("The JSON body of a request must be an object.")
    dialect = DIALECTS[api]
    texts = dialect.texts(tree)
    model = tree.get("model") if model is None else model
    limit = default_max_tokens if isinstance(texts, Invalid) else dialect.max_tokens(tree)
    bounded = limit is not None
    if limit is None:
        limit = default_max_tokens
    if problem := _wrong_option(tree, model, limit):
        return problem
    if isinstance(texts, Invalid):
        return texts
    schema = dialect.schema(tree)
    if isinstance(schema, Invalid):
        return schema
    assert isinstance(model, str)
    return Asked(model, texts.prompt, prompt_id(texts.prompt), count_tokens(texts.everything), limit, schema, bounded)


def _wrong_option(tree: dict[str, Any], model: object, limit: object) -> Invalid | None:
    if not isinstance(model, str) or not model:
        return Invalid("you must provide a model parameter", "model")
    if tree.get("stream") or tree.get("n", 1) != 1:
        return Invalid("The simulator sends one whole answer: no stream, n = 1.", "stream", "unsupported_value")
    if type(limit) is not int or limit < 1:
        return Invalid("Invalid type or value for 'max_tokens': expected an integer of at least 1.", "max_tokens")
    return None
