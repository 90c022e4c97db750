"""What the simulator must know of an API to speak it, and what all of them share."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, Protocol

import orjson
from msgspec import Struct

from asyncsynth.servers.simulator.faults import FaultKind
from asyncsynth.servers.simulator.written import Written

Headers = tuple[tuple[str, str], ...]
LimitKind = Literal["requests", "tokens", "input-tokens", "output-tokens"]
JSON = ("content-type", "application/json")
PIECE = 40  # characters of a stream's event


class Invalid(Struct, frozen=True):
    """Why a request gets a 400."""

    message: str
    param: str | None = None
    code: str | None = None


class Texts(Struct, frozen=True):
    """What a request says: `prompt` is the last text of a user's, `everything` what is counted."""

    prompt: str
    everything: str


class Failure(Struct, frozen=True):
    """An error, in OpenAI's words; each API has its own shape for it."""

    message: str
    kind: str
    code: str | int | None = None
    param: str | None = None


class LimitState(NamedTuple):
    """A limit by the minute after a call was counted."""

    kind: LimitKind
    limit: int
    remaining: int
    reset_s: float  # until it is as if never used


class Own(Struct, frozen=True):
    """A fault that this API tells in a way of its own: with this status, and the body that `tree` makes."""

    status: int
    tree: Callable[[Written], Any]


class Dialect(Protocol):
    """One API: its requests, its answers, its errors and its limits."""

    @property
    def own(self) -> Mapping[FaultKind, Own]: ...

    @property
    def id_prefix(self) -> str: ...

    def texts(self, tree: Mapping[str, Any]) -> Texts | Invalid:
        """What a request says."""

    def max_tokens(self, tree: Mapping[str, Any]) -> Any:
        """What stands where a request limits its answer; None: nothing does."""

    def schema(self, tree: Mapping[str, Any]) -> Mapping[str, Any] | Invalid | None:
        """The JSON Schema that the answer shall fit; None: it may be any text."""

    def answer(self, written: Written) -> dict[str, Any]:
        """The tree of a reply."""

    def stream(self, written: Written) -> bytes:
        """The same as the events of a stream."""

    def failure(self, status: int, failure: Failure, wait_s: float | None = None, /) -> bytes:
        """The body of an error; `wait_s`: after which it is worth asking again."""

    def wait_headers(self, wait_s: float, /) -> Headers:
        """The headers that say so."""

    def limit_headers(self, limits: Sequence[LimitState], now: float, /) -> Headers:
        """The headers of an answer that tell its limits; `now` is in seconds since the epoch."""


def events(trees: Sequence[Any], *, named: bool = False) -> bytes:
    """Server-sent events; `named`: each with its type, which its tree has as well."""
    lines = (b"event: %b\n" % str(tree["type"]).encode() if named else b"" for tree in trees)
    return b"".join(b"%bdata: %b\n\n" % (line, orjson.dumps(tree)) for line, tree in zip(lines, trees, strict=True))


def pieces(text: str | None) -> list[str]:
    """A text as a stream brings it."""
    return [(text or "")[at : at + PIECE] for at in range(0, len(text or ""), PIECE)]


def whole_seconds(wait_s: float) -> int:
    """Rounded up; a wait of inf says a minute."""
    return 60 if math.isinf(wait_s) else math.ceil(wait_s - 1e-6)


def text_in(content: Any, *types: str) -> str | None:
    """A content as a text, or as a list of parts of these types; None for anything else."""
    if isinstance(content, str):
        return content
    if isinstance(content, list) and all(isinstance(part, dict) and part.get("type") in types for part in content):
        return "".join(str(part.get("text", "")) for part in content)
    return None


def dialogue(messages: Any, name: str, roles: Sequence[str], *types: str) -> Texts | Invalid:
    """The last user's text and all contents in a row, of a list of {"role", "content"}."""
    if not isinstance(messages, list) or not messages:
        return Invalid(f"Missing required parameter: '{name}'.", name, "missing_required_parameter")
    contents: list[str] = []
    last_user: str | None = None
    for message in messages:
        content = text_in(message.get("content"), *types) if isinstance(message, dict) else None
        if content is None or message.get("role") not in roles:
            return Invalid(f"Each of '{name}' must be an object with a role and a content of text.", name)
        contents.append(content)
        if message.get("role") == "user":
            last_user = content
    return Texts(contents[-1] if last_user is None else last_user, "".join(contents))
