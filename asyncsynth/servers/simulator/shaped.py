"""Made-up JSON that fits a schema: texts that are plainly simulated, and everything else drawn evenly."""

from __future__ import annotations

import json
from collections.abc import Mapping
from random import Random
from typing import Any

from asyncsynth.servers.simulator.draws import fingerprint, integers
from asyncsynth.servers.simulator.text import LEAST_TOKENS, count_tokens, write

MOST_MEMBERS = 4  # of a list that may have more
DEEPEST = 12  # of a schema that is within itself; below that, lists are empty and what may be missing is
ENDLESS = 4 * DEEPEST  # where nothing that fits a schema would ever end


def shaped(schema: Mapping[str, Any], key: bytes, prompt: bytes, tokens: int) -> str:
    """JSON of about so many tokens, fixed by seed key and prompt fingerprint. No pattern and no format is looked at."""
    least = _Shape(schema, key, prompt, 0)
    made = json.dumps(least.value(schema, 0))
    rest = tokens - count_tokens(made)
    if rest <= 0 or not least.texts:
        return made
    return json.dumps(_Shape(schema, key, prompt, LEAST_TOKENS + rest // least.texts).value(schema, 0))


class _Shape:
    """Each text has about `each` tokens; `texts` counts them."""

    def __init__(self, root: Any, key: bytes, prompt: bytes, each: int) -> None:
        self._root, self._key, self._prompt, self._each = root, key, prompt, each
        self._draw = Random(integers(key, b"shape" + prompt)[0])  # noqa: S311 - text for rehearsals, not a secret
        self.texts = 0

    def value(self, schema: Any, depth: int) -> Any:
        made: Any
        match schema:
            case _ if depth > ENDLESS:
                made = None
            case {"$ref": str(reference)}:
                made = self.value(_at(self._root, reference), depth + 1)
            case {"const": made}:
                pass
            case {"enum": values}:
                made = self._draw.choice(values)
            case {"anyOf": options} | {"oneOf": options}:
                # Deep down the last one: it is null, where a schema that is within itself must end.
                made = self.value(options[-1] if depth > DEEPEST else self._draw.choice(options), depth + 1)
            case {"allOf": parts}:
                beside = {name: value for name, value in schema.items() if name != "allOf"}
                made = _merged([self.value(part, depth + 1) for part in (*parts, beside)])
            case _:
                made = self._of_type(schema, depth)
        return made

    def _of_type(self, schema: Any, depth: int) -> Any:
        if not isinstance(schema, Mapping):
            return None
        kinds = schema.get("type", "object" if "properties" in schema else "string")
        match kinds[0] if isinstance(kinds, list) else kinds:
            case "object":
                return {name: self.value(part, depth + 1) for name, part in _fields(schema, depth)}
            case "array":
                return self._list(schema, depth)
            case "string":
                return self._text(schema)
            case kind:
                return self._scalar(kind, schema)

    def _scalar(self, kind: str, schema: Mapping[str, Any]) -> float | bool | None:
        low, high = _bounds(schema)
        drawn = {
            "integer": self._draw.randint(low, high),
            "number": round(self._draw.uniform(low, high), 2),
            "boolean": self._draw.random() < 0.5,
        }
        return drawn.get(kind)

    def _list(self, schema: Mapping[str, Any], depth: int) -> list[Any]:
        first = [self.value(part, depth + 1) for part in schema.get("prefixItems", ())]
        least = max(schema.get("minItems", 0 if depth > DEEPEST else 1) - len(first), 0)
        most = max(min(schema.get("maxItems", MOST_MEMBERS) - len(first), least + MOST_MEMBERS), least)
        members = schema.get("items")
        if not isinstance(members, Mapping) or depth > DEEPEST:
            most = least
        return first + [self.value(members, depth + 1) for _ in range(self._draw.randint(least, most))]

    def _text(self, schema: Mapping[str, Any]) -> str:
        self.texts += 1
        place = fingerprint(self._prompt + self.texts.to_bytes(4, "little"))
        text = write(self._key, place, self._each)
        while len(text) < schema.get("minLength", 0):
            text = f"{text} {text}"
        return text[: schema.get("maxLength")]


def _bounds(schema: Mapping[str, Any]) -> tuple[int, int]:
    low = schema.get("minimum", schema.get("exclusiveMinimum", -1) + 1)
    high = schema.get("maximum", schema.get("exclusiveMaximum", low + 101) - 1)
    return int(low), int(high)


def _fields(schema: Mapping[str, Any], depth: int) -> list[tuple[str, Any]]:
    fields = schema.get("properties", {}).items()
    needed = schema.get("required", ()) if depth > DEEPEST else schema.get("properties", ())
    return [(name, part) for name, part in fields if name in needed]


def _at(root: Any, reference: str) -> Any:
    found = root
    for name in reference.split("/")[1:]:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _merged(values: list[Any]) -> Any:
    """The fields of all objects; else the first value."""
    objects = [value for value in values if isinstance(value, dict)]
    return {name: part for value in objects for name, part in value.items()} if objects else values[0]
