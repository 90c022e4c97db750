"""Records of several steps in every format: the training example alone, unless the format has all of the record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from asyncsynth.app.export import Options, export
from tests.app.test_steps import Model, lines, made, work

DIALOGUE = [{"role": "user", "content": "{{ outline }}"}, {"role": "assistant", "content": "{{ story }}"}]
PAIR = {"prompt": "{{ genre }}: "}
PREFERENCE = {"prompt": "{{ genre }}: ", "chosen": "{{ story }}", "rejected": "{{ outline }}"}


@pytest.mark.parametrize(
    ("form", "record", "columns"),
    [
        ("completions", PAIR, {"prompt", "completion"}),
        ("chat", PAIR, {"messages"}),
        ("chat", {"messages": DIALOGUE}, {"messages"}),
        ("sharegpt", {"messages": DIALOGUE}, {"conversations"}),
        ("alpaca", PAIR, {"instruction", "input", "output"}),
        ("preference", PREFERENCE, {"prompt", "chosen", "rejected"}),
        ("preference-openai", PREFERENCE, {"input", "preferred_output", "non_preferred_output"}),
        ("mlx", {"messages": DIALOGUE}, {"messages"}),
        ("hub", PAIR, {"prompt", "completion", "combination", "model", "key"}),
        ("hub", PREFERENCE, {"prompt", "chosen", "rejected", "combination", "model", "key"}),
    ],
)
async def test_a_format_has_its_own_columns_and_no_steps(
    tmp_path: Path, form: str, record: dict[str, Any], columns: set[str]
) -> None:
    await made(work(tmp_path / "run", record=record), Model())
    export(tmp_path / "run", Options(form, tmp_path / "to"))
    (path, *_) = sorted(each for each in (tmp_path / "to").rglob("*") if each.suffix in (".jsonl", ".parquet"))
    if path.suffix == ".parquet":
        names = set(duckdb.read_parquet(str(path)).columns)
    else:
        names = set(json.loads(path.read_bytes().splitlines()[0]))
    assert names == columns


async def test_what_has_all_of_the_record_has_its_steps(tmp_path: Path) -> None:
    await made(work(tmp_path / "run", record=PAIR), Model())
    export(tmp_path / "run", Options("parquet", tmp_path / "to.parquet"))
    found = duckdb.read_parquet(str(tmp_path / "to.parquet"))
    place = found.columns.index("steps")
    texts = [{name: step["text"] for name, step in line["steps"].items()} for line in lines(tmp_path / "run")]
    assert [{name: step["text"] for name, step in row[place].items()} for row in found.fetchall()] == texts
