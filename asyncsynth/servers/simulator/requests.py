"""What a request body asks for, or why it can't be answered."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import orjson

from asyncsynth.servers.simulator.draws import fingerprint
from asyncsynth.servers.simulator.text import count_tokens
from asyncsynth.values import Api

_UUID_LINE = re.compile(r"([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})[ \t]*(?:\r?\n|\Z)")


class Asked(NamedTuple):
    """A request that can be answered; `prompt` is the last user message, or the prompt of a completion."""

    model: str
    prompt: str
    prompt_id: bytes  # fingerprint of the prompt
    prompt_tokens: int  # of all messages
    max_tokens: int


class Invalid(NamedTuple):
    """Why a request gets a 400, in the fields of an error body."""

    message: str
    param: str | None = None
    code: str | None = None


def prompt_hash(prompt: str) -> str:
    """The 32 hex digits by which /stats and the ledger name a prompt (its exact text, a UUID line included)."""
    return prompt_id(prompt).hex()


def prompt_id(prompt: str) -> bytes:
    return fingerprint(prompt.encode("utf-8", "surrogatepass"))


def uuid_line(prompt: str) -> str | None:
    """The UUID that is the whole first line of a prompt."""
    match = _UUID_LINE.match(prompt)
    return match[1] if match else None


def read_request(api: Api, body: bytes, default_max_tokens: int) -> Asked | Invalid:
    """Read a body of /v1/chat/completions or /v1/completions."""
    try:
        tree = orjson.loads(body)
    except orjson.JSONDecodeError:
        return Invalid("We could not parse the JSON body of your request.")
    if not isinstance(tree, dict):
        return Invalid("The JSON body of a request must be an object.")
    limit = tree.get("max_completion_tokens") or tree.get("max_tokens")
    if limit is None:
        limit = default_max_tokens
    if problem := _wrong_option(tree, limit):
        return problem
    texts = _chat_texts(tree.get("messages")) if api == "chat" else _completion_texts(tree.get("prompt"))
    if isinstance(texts, Invalid):
        return texts
    prompt, everything = texts
    return Asked(tree["model"], prompt, prompt_id(prompt), count_tokens(everything), limit)


def _wrong_option(tree: dict[str, Any], limit: object) -> Invalid | None:
    model = tree.get("model")
    if not isinstance(model, str) or not model:
        return Invalid("you must provide a model parameter", "model")
    if tree.get("stream") or tree.get("n", 1) != 1:
        return Invalid("The simulator sends one whole answer: no stream, n = 1.", "stream", "unsupported_value")
    if type(limit) is not int or limit < 1:
        return Invalid("Invalid type or value for 'max_tokens': expected an integer of at least 1.", "max_tokens")
    return None


def _completion_texts(prompt: Any) -> tuple[str, str] | Invalid:
    if isinstance(prompt, list) and len(prompt) == 1:
        prompt = prompt[0]
    if not isinstance(prompt, str):
        return Invalid("Missing required parameter or wrong type: 'prompt' must be one string.", "prompt")
    return prompt, prompt


def _chat_texts(messages: Any) -> tuple[str, str] | Invalid:
    """The last user message, and the contents of all messages in a row (what is counted)."""
    if not isinstance(messages, list) or not messages:
        return Invalid("Missing required parameter: 'messages'.", "messages", "missing_required_parameter")
    contents: list[str] = []
    last_user: str | None = None
    for message in messages:
        content = _content(message.get("content")) if isinstance(message, dict) else None
        if content is None:
            return Invalid("Each of 'messages' must be an object with a role and a content of text.", "messages")
        contents.append(content)
        if message.get("role") == "user":
            last_user = content
    return contents[-1] if last_user is None else last_user, "".join(contents)


def _content(content: Any) -> str | None:
    if isinstance(content, str):
        return content
    if isinstance(content, list) and all(isinstance(part, dict) and part.get("type") == "text" for part in content):
        return "".join(str(part.get("text", "")) for part in content)
    return None
