"""Promises of recipe.sources.delimited: any CSV that a program writes is read as it stands; a broken one is told."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.recipe.sources.opened import mistakes, source, written

cells = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12) | st.sampled_from(
    ['"', '""', ",", "\n", "\r\n", "\r", " ", "", "a\nb", '"\n"', "\ufeff", "é"]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(cells, cells), min_size=1, max_size=6),
    bom=st.booleans(),
    ends=st.sampled_from(["\r\n", "\n"]),
    delimiter=st.sampled_from([",", "\t"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
def test_what_is_written_as_csv_comes_back(
    tmp_path: Path, rows: list[tuple[str, str]], bom: bool, ends: str, delimiter: str, quoting: int
) -> None:
    if quoting == csv.QUOTE_MINIMAL:  # which leaves them bare, so that nobody can tell them from the end of a line
        rows = [(first.replace("\r", ""), second.replace("\r", "")) for first, second in rows]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=ends, quoting=quoting)  # type: ignore[arg-type]  # typed by a Literal of numbers
    writer.writerow(("first", "second one"))
    writer.writerows(rows)
    path = written(
        tmp_path / f"x.{'csv' if delimiter == ',' else 'tsv'}", b"\xef\xbb\xbf" * bom + text.getvalue().encode()
    )
    found = source(path)

    expected = [{"first": first, "second one": second} for first, second in rows]
    assert list(found) == expected
    assert [found[number] for number in range(len(found))] == expected


GOOD = "name,price\n"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (GOOD + "a,1\nb\nc,2,3\n", ["line 3: has 1 fields, where", "line 4: has 3 fields, where the first row has 2"]),
        (GOOD + '"a\nb",1\nc\n', ["line 4: has 1 fields"]),
        (GOOD + 'a,"1\nb,2\n', ["line 2: has a quote that is never closed"]),
        (GOOD + '"a"b,1\n', ["line 2: goes on after a closing quote; a quote in a field is written twice"]),
        (GOOD.encode() + b"a,1\ncaf\xe9,2\n", ["line 3: is not UTF-8 (0xe9 is its byte 4); save it as UTF-8"]),
        ("name,name\na,b\n", ["line 1: names the column name twice"]),
        ("name;price\na;1\n", ["line 1: has a single column, 'name;price'; divide the columns by commas"]),
        (GOOD, ["x.csv has no row"]),
        ("", ["x.csv has no row"]),
        (b"\xff\xfen\0a\0", ["x.csv is UTF-16; save it as UTF-8"]),
        (GOOD + "a\rb,1\n", ["line 2: has line ends of a lone CR"]),
        (GOOD + "a\n" * 14, [*(f"line {line}: has 1 fields" for line in range(2, 12)), "and 4 more mistakes in it"]),
    ],
)
def test_a_broken_file_is_told_with_file_and_line(tmp_path: Path, content: str | bytes, told: list[str]) -> None:
    found = mistakes(written(tmp_path / "x.csv", content), tmp_path)
    assert len(found) == len(told), found
    assert all(part in one for one, part in zip(found, told, strict=True)), found
    assert all(one.startswith("axes.x.rows: ") for one in found)


def test_blank_lines_are_no_rows_and_columns_without_a_name_are_left_out(tmp_path: Path) -> None:
    path = written(tmp_path / "x.csv", ",name\n0,a\n\n1,b\n\n")
    assert list(source(path)) == [{"name": "a"}, {"name": "b"}]


def test_columns_are_kept_in_the_order_in_which_they_are_named(tmp_path: Path) -> None:
    path = written(tmp_path / "x.csv", "a,b,c\n1,2,3\n")
    assert list(source(path, columns=["c", "a"])[0]) == ["c", "a"]  # type: ignore[arg-type]  # a table
    assert mistakes(path, tmp_path, columns=["c", "name", "bb"]) == [
        'axes.x.columns: x.csv has no column "name"',
        'axes.x.columns: x.csv has no column "bb"; did you mean b?',
    ]


def test_a_field_of_any_size_is_read_and_the_limit_of_the_process_is_as_before(tmp_path: Path) -> None:
    before, long = csv.field_size_limit(), "x" * 300_000
    found = source(written(tmp_path / "x.csv", f"a,b\n{long},1\n"))

    assert found[0] == {"a": long, "b": "1"}
    assert csv.field_size_limit() == before


def test_a_place_is_a_line(tmp_path: Path) -> None:
    found = source(written(tmp_path / "x.csv", 'a\n"1\n2"\n\n3\n'))
    assert [found.place(number) for number in range(2)] == ["x.csv, line 2", "x.csv, line 5"]
