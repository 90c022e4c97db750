#!/usr/bin/env python3
"""Loads every export with the code of those who will load it, and shows that the rules that exports keep are theirs.

Usage: load.py FOLDER, as make_exports.py left it; runs in the environment of scripts/check-loaders.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
import tempfile
import types
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

EXAMPLES = 300
EXPORTS = Path(sys.argv[1]) / "exports"
LINES = ("pair-completions", "pair-chat", "pair-sharegpt", "pair-alpaca", "dialogue-chat", "dialogue-sharegpt",
         "preference-preference")  # fmt: skip


def rows(export: str, split: str = "train") -> list[dict[str, Any]]:
    return [json.loads(line) for line in (EXPORTS / export / f"{split}.jsonl").read_text().splitlines()]


def written(*lines: str) -> Path:
    """A file of these lines, for showing what a loader does with it."""
    path = Path(tempfile.mkdtemp()) / "train.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def with_datasets() -> None:
    from datasets import load_dataset

    for export in (*LINES, "preference-preference-openai"):
        loaded = load_dataset(str(EXPORTS / export))
        assert {name: len(part) for name, part in loaded.items()} == {
            split: len(rows(export, split)) for split in ("train", "validation")
        }, export
        assert loaded["train"][0] == rows(export)[0], export
    for export in ("pair-hub", "dialogue-hub", "preference-hub"):
        loaded = load_dataset(str(EXPORTS / export))
        assert sum(map(len, loaded.values())) == EXAMPLES, export
        assert str(loaded["train"].features["combination"]).count("int64") == 1, "the number stays a number"
    assert load_dataset(str(EXPORTS / "pair-hub"))["train"].column_names[:2] == ["prompt", "completion"]
    assert len(load_dataset("parquet", data_files=str(EXPORTS / "pair-parquet/train.parquet"))["train"]) > 0


def with_pandas() -> None:
    import pandas as pd

    for export in LINES:
        frame = pd.read_json(EXPORTS / export / "train.jsonl", lines=True)
        assert list(frame.columns) == list(rows(export)[0]), export
        assert json.loads(frame.iloc[0].to_json()) == rows(export)[0], export
    frame = pd.read_parquet(EXPORTS / "pair-parquet" / "train.parquet")
    assert frame["completion"].map(type).eq(str).all()
    assert {type(each["genre"]) for each in frame["combination"]} == {str}, "42 is a text where the axis has texts"


def with_together() -> None:
    from together.utils.files import check_file

    for export in ("pair-completions", "pair-chat", "dialogue-chat", "preference-preference-openai"):
        for split in ("train", "validation"):
            report = check_file(EXPORTS / export / f"{split}.jsonl")
            assert report["is_check_passed"], (export, report)
    completions, chat = (json.dumps(rows(export)[0]) for export in ("pair-completions", "pair-chat"))
    assert not check_file(written(completions, chat))["is_check_passed"], "two formats in a file are refused"
    assert not check_file(written(chat.replace('"user"', '"developer"')))["is_check_passed"]
    assert not check_file(written(chat.replace('"user"', '"assistant"')))["is_check_passed"]


def with_llama_factory() -> None:
    import llamafactory  # noqa: F401 - the parent of what follows

    # Its package of loaders imports audio and video libraries; these two modules don't.
    without_init("llamafactory.data")
    converters = importlib.import_module("llamafactory.data.converter")
    parser = importlib.import_module("llamafactory.data.parser")
    arguments = types.SimpleNamespace(media_dir=".")

    def converted(attributes: Any, row: dict[str, Any]) -> dict[str, Any]:
        converter = converters.get_dataset_converter(attributes.formatting, attributes, arguments)
        result: dict[str, Any] = converter(row)
        return result

    for export in LINES:
        folder = EXPORTS / export
        for name in json.loads((folder / "dataset_info.json").read_text()):
            (attributes,) = parser.get_dataset_list([name], str(folder))
            those = [json.loads(line) for line in (folder / attributes.dataset_name).read_text().splitlines()]
            results = [converted(attributes, row) for row in those]
            assert all(each["_prompt"] and each["_response"] for each in results), f"{export}: a row vanished"
            answers = 2 if attributes.ranking else 1
            assert all(len(each["_response"]) == answers for each in results), export
            assert {bool(each["_system"]) for each in results} == {export.startswith("dialogue")}, export
    (attributes,) = parser.get_dataset_list(["pair-sharegpt"], str(EXPORTS / "pair-sharegpt"))
    turns = rows("pair-sharegpt")[0]["conversations"]
    assert not converted(attributes, {"conversations": [*turns, turns[0]]})["_prompt"], "odd turns vanish"


def with_mlx() -> None:
    from mlx_lm.tuner.datasets import load_local_dataset

    for export in ("pair-mlx", "dialogue-mlx"):
        train, valid, test = load_local_dataset(EXPORTS / export, None, types.SimpleNamespace())
        assert len(train) + len(valid) == EXAMPLES, export
        assert len(valid) > 0
        assert test == []
    blank = written(json.dumps(rows("pair-mlx")[0]), "")
    with suppress(json.JSONDecodeError):
        load_local_dataset(blank.parent, None, types.SimpleNamespace())
        raise AssertionError("a blank line is an error")


def with_trl() -> None:
    from datasets import load_dataset
    from trl.data_utils import is_conversational, maybe_extract_prompt

    for export, conversational in (("pair-completions", False), ("pair-chat", True), ("dialogue-chat", True)):
        loaded = load_dataset("json", data_files=str(EXPORTS / export / "train.jsonl"), split="train")
        assert {is_conversational(row) for row in loaded} == {conversational}, export
    preference = rows("preference-preference")[0]
    assert maybe_extract_prompt(dict(preference)) == preference, "the prompt is said, so nothing is guessed"
    with suppress(IndexError):
        is_conversational({"messages": []})
        raise AssertionError("an empty list crashes it")


def with_openais_rules() -> None:
    """What the data-preparation page of OpenAI's cookbook looks for; their server looks for the same."""
    for export in ("pair-chat", "dialogue-chat"):
        those = rows(export)
        assert len(those) >= 10
        for row in those:
            assert list(row) == ["messages"]
            assert all(set(turn) == {"role", "content"} for turn in row["messages"])
            assert all(turn["role"] in {"system", "user", "assistant", "tool"} for turn in row["messages"])
            assert all(isinstance(turn["content"], str) and turn["content"] for turn in row["messages"])
            assert row["messages"][-1]["role"] == "assistant"
    for row in rows("preference-preference-openai"):
        assert list(row) == ["input", "preferred_output", "non_preferred_output"]
        for name in ("preferred_output", "non_preferred_output"):
            assert [turn["role"] for turn in row[name]] == ["assistant"]


def with_yaml() -> None:
    """Axolotl itself asks for a GPU's libraries; its part of a config is at least YAML of files that are there."""
    import yaml

    for export in LINES:
        config = yaml.safe_load((EXPORTS / export / "axolotl.yml").read_text())
        for entry in (*config["datasets"], *config["test_datasets"]):
            assert Path(entry["path"]).exists(), entry
            assert entry["ds_type"] == "json"


def without_init(name: str) -> None:
    """Makes a package whose __init__ is not run."""
    parent, _, last = name.rpartition(".")
    (folder,) = importlib.import_module(parent).__path__
    package = types.ModuleType(name)
    package.__path__ = [str(Path(folder) / last)]
    sys.modules[name] = package


LOADERS: tuple[Callable[[], None], ...] = (
    with_yaml,
    with_openais_rules,
    with_pandas,
    with_datasets,
    with_together,
    with_mlx,
    with_llama_factory,
    with_trl,
)

for load in LOADERS:
    load()
    print(f"loaded: {load.__name__.removeprefix('with_')}", flush=True)
