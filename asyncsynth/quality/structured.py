"""Structured answers: a schema that an answer must fit, and reading an answer by it. Nothing is guessed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from asyncsynth.config.schema import json_schema_of, schema_problems
from asyncsynth.errors import ConfigError
from asyncsynth.quality.examples import example_of
from asyncsynth.quality.json_text import Found, NoJson, found_in, whole
from asyncsynth.quality.schema_file import schema_in
from asyncsynth.quality.validator import Validator


class Read(NamedTuple):
    """An answer that fits its schema. `flags`: what was around the JSON, or had to be mended in it."""

    value: Any
    flags: tuple[str, ...] = ()


class Unreadable(NamedTuple):
    """An answer that doesn't, and why, in a clause for people and for the model: "it has no JSON in it"."""

    why: str


class Schema:
    """Made once a step. `json_schema` is what is sent, where the endpoint takes one."""

    def __init__(self, json_schema: Mapping[str, Any], place: str = "schema") -> None:
        """Raises ConfigError where the schema is none, or has what can't be checked here."""
        self.json_schema = json_schema
        self._validator = Validator(json_schema, place)
        self._opens = "[" if json_schema.get("type") == "array" else "{"

    @classmethod
    def of(cls, given: Mapping[str, Any] | str, folder: Path, place: str) -> Schema:
        """From the short form of config.schema, or a JSON Schema file, relative to `folder`. Raises ConfigError."""
        if problems := schema_problems(place, given):
            raise ConfigError(place, tuple(problems))
        return cls(schema_in(folder / given, place) if isinstance(given, str) else json_schema_of(given), place)

    def read(self, text: str) -> Read | Unreadable:
        """The answer's JSON, where it is the whole text, or the only object in it that fits."""
        try:
            document = whole(text)
            if document is None:
                return self._read_within(text)
        except NoJson as none:
            return Unreadable(str(none))
        why = self._validator.why_not(document.value)
        return Read(document.value, document.flags) if why is None else Unreadable(why)

    def example(self, text: str = "text") -> Any:
        """A small value that has the form of the schema, with `text` for every string that is free."""
        return example_of(self.json_schema, text)

    def _read_within(self, text: str) -> Read | Unreadable:
        """Raises NoJson."""
        documents = found_in(text, self._opens)
        whys = [self._validator.why_not(document.value) for document in documents]
        fitting: list[Found] = [document for document, why in zip(documents, whys, strict=True) if why is None]
        if len(fitting) > 1:
            return Unreadable(f"it has {len(fitting)} JSON values that fit, and must have one")
        if fitting:
            return Read(fitting[0].value, fitting[0].flags)
        return Unreadable(whys[0] or "" if len(whys) == 1 else f"it has {len(whys)} JSON values, and none of them fits")
