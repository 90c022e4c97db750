"""Every option is in the reference, described by its own section."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest

from asyncsynth.config.check import SECTIONS, check
from asyncsynth.config.reference import AXES, FURTHER, NOT_SET, REQUIRED, Option, markdown, options
from asyncsynth.config.section import Section, sections_in
from asyncsynth.values import Api

ROWS = {row.place: row for row in options()}


def sections(models: list[type[Section]]) -> list[type[Section]]:
    inner = [one for model in models for field in model.model_fields.values() for one in sections_in(field.annotation)]
    return [*models, *(sections(inner) if inner else [])]


@pytest.mark.parametrize("section", sections([*SECTIONS.values()]))
def test_every_option_is_described(section: type[Section]) -> None:
    for name, field in section.model_fields.items():
        assert field.description, f"{section.__name__}.{name}"
        assert field.description[0].islower() or field.description[0] in '"~U', "no capital letter in a table's cell"
        assert not field.description.endswith(".")


def test_rows_have_type_default_and_description() -> None:
    assert ROWS["limits.concurrency"] == Option(
        "limits.concurrency",
        "whole number or auto",
        "8",
        "calls under way at once, at most; auto: what the endpoint takes, found while running",
    )
    assert ROWS["output.directory"].default == REQUIRED
    assert ROWS["endpoint.base_url"].default == NOT_SET
    assert ROWS["endpoint.price.input"].type == "number"
    assert ROWS["endpoint.provider"][1:3] == ("text", '"local"')
    assert ROWS["endpoint.api"][1:3] == (", ".join(get_args(Api)), NOT_SET)
    assert ROWS["endpoint.simulator.faults"].default == "0.0"
    assert ROWS["record.prompt"].type == "text or list"
    assert ROWS["record.messages[].role"].type == "system, developer, user, assistant, tool"
    assert ROWS["endpoint.parameters"].type == "table"
    assert ROWS["output.raw_log"].type == "true or false"
    assert all("typing" not in row.type and "<class" not in row.type for row in ROWS.values())


def test_each_option_of_the_shipped_config_is_in_the_reference() -> None:
    tree = tomllib.loads((Path(__file__).parents[2] / "config.toml").read_text(encoding="utf-8"))

    def places(table: dict[str, Any], place: str) -> list[str]:
        return [
            below
            for name, value in table.items()
            for here in [f"{place}.{name}" if place else name]
            for below in (places(value, here) if isinstance(value, dict) and here not in ROWS else [here])
        ]

    axes = {f"axes.{name}" for name in tree["axes"]}
    assert set(places(tree, "")) - axes <= set(ROWS)


def test_markdown_is_a_table_with_a_row_for_each_option() -> None:
    lines = markdown(options()).splitlines()

    assert len(lines) == len(ROWS) + 2
    assert lines[2] == f"| `axes.NAME` | list or table | required | {AXES.description} |"
    assert f"| `record.NAME` | text or list | not set | {FURTHER.description} |" in lines
    assert all(line.replace("\\|", "").count("|") == 5 for line in lines)


def test_an_option_that_is_named_can_be_set_and_no_other() -> None:
    for place in ROWS:
        section, _, name = place.partition(".")
        if section == "axes" or "[]" in place or name == "NAME":
            continue
        tree: dict[str, Any] = {section: {}}
        *tables, last = name.split(".")
        table = tree[section]
        for one in tables:
            table = table.setdefault(one, {})
        table[last] = object()
        told = [problem.what for problem in check(tree, "x").problems if problem.place.startswith(place)]
        assert told != ["unknown option"], place
