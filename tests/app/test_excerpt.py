"""Pages of a view follow each other without a gap or a double, and say where no line begins."""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path

import pytest

from asyncsynth.app import excerpt as module
from asyncsynth.app.excerpt import Excerpt, excerpt
from asyncsynth.errors import UsageError


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Ten records, and one that is just being written."""
    lines = [json.dumps({"key": str(n), "combination": {"n": n, "even": n % 2 == 0}}) for n in range(10)]
    (tmp_path / "records.jsonl").write_text("\n".join(lines) + '\n{"key": "10", "comb')
    return tmp_path


def keys(directory: Path, limit: int, *where: tuple[str, str]) -> list[list[str]]:
    """Of all pages, one after the other."""
    found: list[list[str]] = []
    after: int | None = 0
    while after is not None:
        page = excerpt(directory, "records", after=after, limit=limit, where=where)
        found.append([line["key"] for line in page.lines])
        after = page.after
    return found


@pytest.mark.parametrize("limit", [1, 3, 10, 50])
def test_pages_have_every_line_once(directory: Path, limit: int) -> None:
    assert list(chain(*keys(directory, limit))) == [str(n) for n in range(10)]


def test_only_lines_with_the_values_are_taken(directory: Path) -> None:
    assert list(chain(*keys(directory, 2, ("even", "true")))) == ["0", "2", "4", "6", "8"]
    assert list(chain(*keys(directory, 2, ("even", "true"), ("n", "4")))) == ["4"]


def test_a_page_ends_where_so_much_was_looked_through(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOKED_THROUGH", 1)

    assert keys(directory, 5, ("n", "2")) == [[], [], ["2"], *[[]] * 8]


@pytest.mark.parametrize("after", [1, 40, 10_000])
def test_where_no_line_begins_is_told(directory: Path, after: int) -> None:
    with pytest.raises(UsageError, match="no line of records begins at"):
        excerpt(directory, "records", after=after)


def test_an_axis_that_is_not_there_is_told_with_the_nearest(directory: Path) -> None:
    with pytest.raises(UsageError, match="no axis evem; did you mean even"):
        excerpt(directory, "records", where=(("evem", "true"),))


def test_where_there_is_no_file_there_is_nothing(tmp_path: Path) -> None:
    assert excerpt(tmp_path, "failures") == Excerpt([], None)
