"""A JSON Schema of anybody's, put into what the validator understands; what can't be checked here is a mistake.

The validator knows drafts 4 to 2019-09 but for some keywords. Of draft 2020-12 `prefixItems`, `dependentRequired`,
`dependentSchemas` and what stands beside a `$ref` are said in older words. A reference leads to a place in the same
schema, so nothing is ever fetched.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from asyncsynth.config.shown import shown
from asyncsynth.errors import nearest
from asyncsynth.quality.examples import pointed

MOST_SCHEMAS = 1_000  # within each other, all together
DEEPEST = 40
MOST = 1e300  # of a number that something is compared with
TYPES = ("string", "integer", "number", "boolean", "array", "object", "null")


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) < MOST


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _are_texts(value: Any) -> bool:
    return type(value) is list and all(type(one) is str for one in value) and len(set(value)) == len(value)


def _are_lists_of_texts(value: Any) -> bool:
    return type(value) is dict and all(map(_are_texts, value.values()))


_PLAIN: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "required": (_are_texts, "a list of different names"),
    "dependentRequired": (_are_lists_of_texts, "lists of names"),
    "uniqueItems": (lambda value: type(value) is bool, "true or false"),
    "pattern": (lambda value: type(value) is str, "a text"),
    "format": (lambda value: type(value) is str, "a text"),
    "multipleOf": (lambda value: _is_number(value) and value > 0, "a number above 0"),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), (_is_number, "a number")),
    **dict.fromkeys(
        ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
        (_is_count, "a whole number, at least 0"),
    ),
}
_ONE = ("not", "if", "then", "else", "additionalItems", "contains", "propertyNames", "additionalProperties")
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_TABLES = ("properties", "patternProperties", "dependentSchemas")
_UNCHECKED = {
    "unevaluatedProperties": "additionalProperties",
    "unevaluatedItems": "items",
    "minContains": "contains",
    "maxContains": "contains",
    "dependencies": "dependentRequired",
    "$dynamicRef": "$ref",
    "$recursiveRef": "$ref",
}
_DEFINITIONS = ("$defs", "definitions")  # looked at where a reference leads into them
KEYWORDS = frozenset(
    {"type", "const", "enum", "items", "$ref", *_PLAIN, *_ONE, *_LISTS, *_TABLES, *_UNCHECKED, *_DEFINITIONS}
)
Problems = list[tuple[str, str, str | None]]  # the place in the schema, what is wrong, the nearest right word


class Translation(NamedTuple):
    """`schema` for the validator, and the patterns by the words that stand for them there."""

    schema: Any
    patterns: Mapping[str, str]
    problems: Problems


def translated(schema: Any) -> Translation:
    """A schema put into the words of the validator, or all that is wrong with it."""
    translator = _Translator(schema)
    made = translator.whole()
    return Translation(made, translator.patterns, translator.problems)


class _Translator:
    def __init__(self, root: Any) -> None:
        self.problems: Problems = []
        self.patterns: dict[str, str] = {}
        self._root = root
        self._schemas = 0
        self._places: dict[str, str] = {}  # where references lead, and the name that each has among the definitions

    def whole(self) -> Any:
        made = self._schema(self._root, "#")
        definitions: dict[str, Any] = {}
        while waiting := [place for place, name in self._places.items() if name not in definitions]:
            for place in waiting:
                definitions[self._places[place]] = self._schema(pointed(self._root, place), place)
        if self._schemas > MOST_SCHEMAS:
            what = f"has {self._schemas:,} schemas within each other; at most {MOST_SCHEMAS:,} are possible"
            self._wrong("#", what)
        return {**made, "$defs": definitions} if definitions and isinstance(made, dict) else made

    def _wrong(self, where: str, what: str, near: str | None = None) -> None:
        self.problems.append((where, what, near))

    def _schema(self, given: Any, where: str) -> Any:
        self._schemas += 1
        if isinstance(given, bool):
            return given
        if not isinstance(given, dict):
            self._wrong(where, f"must be a schema, which is an object, not {shown(given)}")
            return True
        if where.count("/") > 2 * DEEPEST:
            self._wrong(where[:60], "is nested too deep")
            return True
        self._look_at_names(given, where)
        return _together(self._keywords(given, where))

    def _look_at_names(self, given: Mapping[str, Any], where: str) -> None:
        for name in given:
            if name in _UNCHECKED:
                self._wrong(f"{where}/{name}", f"can't be checked here; {_UNCHECKED[name]} can")
            elif name not in KEYWORDS and (near := difflib.get_close_matches(name, KEYWORDS, n=1, cutoff=0.85)):
                self._wrong(f"{where}/{name}", "is not a keyword of JSON Schema", near[0])
        if "$id" in given and where != "#":
            self._wrong(f"{where}/$id", "can only stand in the schema as a whole")

    def _keywords(self, given: Mapping[str, Any], where: str) -> Iterator[tuple[str, Any]]:
        for name, value in given.items():
            place = f"{where}/{name}"
            if name in _PLAIN:
                yield from self._plain(name, value, place)
            elif name in _ONE:
                yield name, self._schema(value, place)
            elif name in _LISTS:
                yield from self._list(name, value, place)
            elif name in _TABLES:
                yield from self._table(name, value, place)
            elif name == "type":
                yield from self._type(value, place)
            elif name == "$ref":
                yield from self._reference(value, place)
            elif name in ("const", "enum"):
                yield from self._values(name, value, place)
            elif name == "items":
                yield from self._items(value, place, given)

    def _plain(self, name: str, value: Any, place: str) -> Iterator[tuple[str, Any]]:
        fits, wanted = _PLAIN[name]
        if not fits(value):
            self._wrong(place, f"must be {wanted}, not {shown(value)}")
        elif name == "pattern":
            yield name, self._named(value)
        else:
            yield "dependencies" if name == "dependentRequired" else name, value

    def _values(self, name: str, value: Any, place: str) -> Iterator[tuple[str, Any]]:
        if name == "enum" and not (type(value) is list and value):
            self._wrong(place, "must be a list of values")
        elif _has_reference(value):
            self._wrong(place, "can't be checked here: a value has a $ref in it")
        else:
            yield name, value

    def _items(self, value: Any, place: str, given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        if isinstance(value, list):  # of drafts up to 2019-09
            yield from self._list("prefixItems", value, place)
        else:
            yield "additionalItems" if "prefixItems" in given else "items", self._schema(value, place)

    def _list(self, name: str, value: Any, place: str) -> Iterator[tuple[str, Any]]:
        if type(value) is not list or not value:
            self._wrong(place, "must be a list of schemas")
            return
        schemas = [self._schema(one, f"{place}/{index}") for index, one in enumerate(value)]
        yield "items" if name == "prefixItems" else name, schemas

    def _table(self, name: str, value: Any, place: str) -> Iterator[tuple[str, Any]]:
        if type(value) is not dict:
            self._wrong(place, "must be an object of schemas")
            return
        schemas = {key: self._schema(one, f"{place}/{key}") for key, one in value.items()}
        if name == "patternProperties":
            schemas = {self._named(key): one for key, one in schemas.items()}
        yield "dependencies" if name == "dependentSchemas" else name, schemas

    def _type(self, value: Any, place: str) -> Iterator[tuple[str, Any]]:
        types = value if type(value) is list else [value]
        wrong = [one for one in types if one not in TYPES]
        for one in wrong:
            self._wrong(place, f"{shown(one)} is not a type; the types are {', '.join(TYPES)}", nearest(one, TYPES))
        if types and not wrong:
            yield "type", value

    def _reference(self, value: Any, place: str) -> Iterator[tuple[str, Any]]:
        if not isinstance(value, str) or not (value == "#" or value.startswith("#/")):
            self._wrong(place, f"{shown(value)} must be a place in the same schema, like #/$defs/act")
        elif not isinstance(pointed(self._root, value), dict | bool):
            self._wrong(place, f"there is nothing at {shown(value)}")
        else:
            yield "$ref", f"#/$defs/{self._places.setdefault(value, f'place{len(self._places)}')}"

    def _named(self, pattern: str) -> str:
        """The word that stands for a pattern: Python's engine, which has no bound, must not see it."""
        name = f"pattern{len(self.patterns)}"
        self.patterns[name] = pattern
        return name


def _together(keywords: Iterator[tuple[str, Any]]) -> dict[str, Any]:
    """One schema of what it says; several where it says a thing twice, or something beside a reference."""
    made: dict[str, Any] = {}
    further: list[dict[str, Any]] = []
    for name, value in keywords:
        if name in made:
            further.append({name: value})
        else:
            made[name] = value
    if "$ref" in made and len(made) > 1:  # the validator would look at the reference alone
        further.append({"$ref": made.pop("$ref")})
    if "patternProperties" in made and made.get("additionalProperties") is False:
        # Else the validator, which tries the words that stand for patterns, takes what is required for impossible.
        made["properties"] = dict.fromkeys(made.get("required", ()), True) | made.get("properties", {})
    return {"allOf": [made, *further]} if further else made


def _has_reference(value: Any) -> bool:
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (isinstance(value, dict) and "$ref" in value) or any(map(_has_reference, parts))
