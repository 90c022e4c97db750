"""Every option of config.toml, as the sections themselves describe it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from asyncsynth.config.axes import KINDS
from asyncsynth.config.check import SECTIONS
from asyncsynth.config.section import Section, sections_in
from asyncsynth.config.shown import shown

REQUIRED = "required"
NOT_SET = "not set"
NAMES = {str: "text", int: "whole number", float: "number", bool: "true or false", dict: "table", list: "list"}


class Option(NamedTuple):
    """One option: its place ("limits.concurrency"), what it takes, its default, and what it is for."""

    place: str
    type: str
    default: str
    description: str


AXES = Option(
    "axes.NAME",
    "list or table",
    REQUIRED,
    "the values of an axis: texts, numbers, true or false, or tables of such; or a table that says where they come "
    "from; its name is a name in templates",
)
FURTHER = Option("record.NAME", "text or list", NOT_SET, "a further field of the training example, like completion")


def options() -> list[Option]:
    """Every option, in the order of the sections."""
    rows = [AXES, *_options_of_axes()]
    for name, section in SECTIONS.items():
        rows += _options(name, section)
        if section.model_config.get("extra") == "allow":
            rows.append(FURTHER)
    return rows


def _options_of_axes() -> list[Option]:
    """What the tables under [axes] can have; several kinds of them share some."""
    found: dict[str, Option] = {}
    for kind in KINDS.values():
        for option in _options("axes.NAME", kind):
            found.setdefault(option.place, option)
    return list(found.values())


def markdown(rows: Sequence[Option]) -> str:
    """A table of the options."""
    lines = ["| option | takes | default | what it is for |", "|---|---|---|---|"]
    for row in rows:
        cells = (f"`{row.place}`", row.type, _quoted(row.default), row.description)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _options(place: str, section: type[Section]) -> Iterator[Option]:
    for name, field in section.model_fields.items():
        inner = next(iter(sections_in(field.annotation)), None)
        here = f"{place}.{name}"
        if inner is None:
            yield Option(here, _type(field.annotation), _default(field), field.description or "")
        else:
            is_list = any(get_origin(member) is list for member in (field.annotation, *get_args(field.annotation)))
            yield from _options(f"{here}[]" if is_list else here, inner)


def _type(annotation: Any) -> str:
    """What an option takes, in words."""
    origin, members = get_origin(annotation), get_args(annotation)
    if annotation in NAMES:
        return NAMES[annotation]
    if origin is Literal:
        return ", ".join(map(str, members))
    if origin is Annotated:
        return _type(members[0])
    if origin is UnionType or str(origin) == "typing.Union":
        return " or ".join(_type(member) for member in members if member is not NoneType)
    if origin in (list, dict):
        return NAMES[origin]
    return str(annotation)


def _default(field: FieldInfo) -> str:
    if field.is_required() or field.default is PydanticUndefined:
        return REQUIRED
    return NOT_SET if field.default is None else shown(field.default)


def _quoted(default: str) -> str:
    return default if default in (REQUIRED, NOT_SET) else f"`{default}`"
