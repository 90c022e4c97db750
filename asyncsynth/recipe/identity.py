"""What a sample is known by: its key, and the UUID that its request carries.

Key = the first 32 hex digits of SHA-256 over the UTF-8 bytes of one JSON object, in the form of recipe.canonical
(sorted names, no blanks, only the escapes that JSON demands), with these members:

    answer       only where there is one: the JSON Schema that the answer must fit
    api, model   as in the config
    parameters   as in the config, integral floats as integers: temperature = 1 and 1.0 ask for the same
    repeat       0, 1, ...
    request      the rendered request with the UUID left blank; of a dialogue a list of {"content", "role"}
    schema       SCHEMA; a higher one makes all keys new
    steps        only where there are any: the answers of earlier steps that it was made from, as KEY/GENERATION; in
                 the request and the system text the same stand in the place of their texts; of the first turn of a
                 dialogue whose length is an axis also rounds/LENGTH
    system       the rendered system text with the UUID left blank, or null
    take         0, and one more for each answer that a gate rejected
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha1, sha256
from itertools import takewhile
from typing import Any, TypeVar

from msgspec.structs import asdict

from asyncsynth.errors import UsageError
from asyncsynth.recipe.canonical import canonical, canonical_text, with_integral_floats_as_integers
from asyncsynth.values import Api, AxisCells, Turn, Value

P = TypeVar("P")

SCHEMA = 1
KEY_DIGITS = 32
UUID_NAMESPACE = uuid.UUID("6b0c5f0e-3a55-5d0c-9d0b-a51c5a9e2022")  # drawn once; another one would change every UUID
_NAMESPACE = UUID_NAMESPACE.bytes
_UUID_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


class Keys:
    """The keys of the samples that one api, model and set of parameters make.

    UsageError where the parameters can't be written as JSON.
    """

    __slots__ = ("prefix",)

    def __init__(
        self, api: Api, model: str, parameters: Mapping[str, Any], answer: Mapping[str, Any] | None = None
    ) -> None:
        asked = {"api": api, "model": model, "parameters": with_integral_floats_as_integers(parameters)}
        try:
            shared = canonical(asked if answer is None else {"answer": answer, **asked})
        except (TypeError, ValueError) as error:
            raise UsageError(
                f"endpoint.parameters: can't be sent as JSON: {error}", hint="use strings, numbers, lists and tables"
            ) from error
        # Hashed once for all samples: sorted by name, what they share comes first.
        self.prefix = sha256((shared[:-1] + ',"repeat":').encode())

    def key(self, request: str, system: str | None, repeat: int, turns: Sequence[Turn] = ()) -> str:
        """The key of a sample, from its texts rendered with the UUID left blank; of a dialogue the turns count."""
        return self._key(_asked(request, system, repeat, turns), 0)

    def takes(
        self,
        request: str,
        system: str | None,
        repeat: int,
        turns: Sequence[Turn] = (),
        *,
        made_from: Sequence[str] = (),
    ) -> Callable[[int], str]:
        """From the number of a take to its key; `made_from` are answers of earlier steps, as KEY/GENERATION."""
        return self.of_asked(_asked(request, system, repeat, turns, made_from))

    def of_asked(self, asked: str) -> Callable[[int], str]:
        """The same of a repeat and its `asked_form`."""
        first = self._key(asked, 0)
        return lambda take: self._key(asked, take) if take else first

    def _key(self, asked: str, take: int) -> str:
        digest = self.prefix.copy()
        digest.update(f"{asked}{take}}}".encode("utf-8", "surrogatepass"))
        return digest.hexdigest()[:KEY_DIGITS]


def _asked(request: str, system: str | None, repeat: int, turns: Sequence[Turn], made_from: Sequence[str] = ()) -> str:
    request_json = canonical([asdict(turn) for turn in turns]) if turns else canonical_text(request)
    system_json = "null" if system is None else canonical_text(system)
    steps = [steps_form(made_from)] if made_from else []
    return f"{repeat}{''.join(asked_form([request_json], [system_json], steps))}"


def asked_form(request: Sequence[P], system: Sequence[P], steps: Sequence[P] = ()) -> list[str | P]:
    """What is hashed between the repeat and the number of the take, from parts of JSON; `steps` as of `steps_form`."""
    made_from: list[str | P] = ['"steps":["', *steps, '"],'] if steps else []
    return [',"request":', *request, f',"schema":{SCHEMA},', *made_from, '"system":', *system, ',"take":']


def steps_form(made_from: Iterable[str]) -> str:
    """Answers of earlier steps, as KEY/GENERATION, in their order and without the outer quotes."""
    return '","'.join(sorted(made_from))  # hex digits, a slash and a number: nothing to escape


KeyedRows = Iterator[tuple[str, tuple[Any, ...]]]


class KeyForm:
    """Keys as Keys makes them, of texts put together from columns: nothing is rendered or escaped for a sample.

    `cells` are what rows have to hold for it.
    """

    __slots__ = ("_beginning", "_form", "_prefix", "cells")

    def __init__(
        self, keys: Keys, request: Sequence[str | AxisCells], system: Sequence[str | AxisCells] | None
    ) -> None:
        self._prefix = keys.prefix
        of_system = ["null"] if system is None else ['"', *map(_escaped, system), '"']
        parts = [*asked_form(['"', *map(_escaped, request), '"'], of_system), "0}"]
        beginning = list(takewhile(lambda part: isinstance(part, str), parts))
        self._beginning = "".join(map(str, beginning)).encode()
        rest = parts[len(beginning) :]
        self._form = "".join(part.replace("%", "%%") if isinstance(part, str) else "%b" for part in rest).encode()
        self.cells = [part for part in rest if isinstance(part, AxisCells)]

    def keyed(self, repeat: int, rows: Iterator[tuple[Any, ...]], before: int) -> KeyedRows:
        """The rows of a repeat with their samples' keys; its cells stand in each behind so many others."""
        opened, form = self._prefix.copy(), self._form
        opened.update(b"%d%b" % (repeat, self._beginning))
        for row in rows:
            digest = opened.copy()
            digest.update(form % row[before:])
            yield digest.hexdigest()[:KEY_DIGITS], row


def _escaped(part: str | AxisCells) -> str | AxisCells:
    """As it stands in a string of JSON, where every character stands for itself or has an escape of its own."""
    if isinstance(part, str):
        return canonical_text(part)[1:-1]
    known = {text: canonical_text(text)[1:-1].encode() for text in part.cells}
    return AxisCells(part.axis, [known[text] for text in part.cells])


def problem_key(combination: Mapping[str, Value], repeat: int) -> str:
    """The key of a sample whose request can't be rendered: of its values, since it has no text."""
    facts = {"problem": list(combination.values()), "repeat": repeat}
    return sha256(canonical(facts).encode("utf-8", "surrogatepass")).hexdigest()[:KEY_DIGITS]


def request_uuid(seed: int, key: str, generation: int, lost: int = 0) -> str:
    """uuid5 (RFC 9562, 5.5) of seed, key and generation: the same on every run, another one after a drop, and
    after each of so many replies that were `lost`: paid, and of no use.

    Written out, since uuid.uuid5 and str() of it take three times as long.
    """
    name = _NAMESPACE + (f"{seed}/{key}/{generation}/{lost}" if lost else f"{seed}/{key}/{generation}").encode()
    digits = sha1(name, usedforsecurity=False).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-{_UUID_VARIANT[digits[16]]}{digits[17:20]}-{digits[20:32]}"
