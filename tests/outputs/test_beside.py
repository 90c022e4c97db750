"""What trainers read beside the examples; that they understand it is tested with the trainers themselves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from asyncsynth.outputs.beside import beside
from asyncsynth.outputs.formats import FORMATS

FILES = {"train": "train.jsonl", "validation": "validation.jsonl"}
EXAMPLES = {"train": 9, "validation": 1}


def texts(form: str, to: str = "exports/my set, 2") -> dict[str, str]:
    return beside(form, Path(to), FILES, EXAMPLES, "unknown")


@pytest.mark.parametrize("form", FORMATS)
def test_each_format_has_what_its_trainers_want(form: str) -> None:
    wanted = {"mlx": set(), "preference-openai": set(), "parquet": set(), "folders": set(), "hub": {"README.md"}}
    assert texts(form).keys() == wanted.get(form, {"dataset_info.json", "axolotl.yml"})


def test_llama_factory_finds_each_split_under_a_name_that_can_be_typed() -> None:
    entries = json.loads(texts("sharegpt")["dataset_info.json"])
    assert {name: entry["file_name"] for name, entry in entries.items()} == {
        "my_set__2": "train.jsonl",
        "my_set__2_validation": "validation.jsonl",
    }


def test_axolotl_finds_the_training_set_and_the_others() -> None:
    text = texts("preference", 'exports/it"s')["axolotl.yml"]
    datasets, tests = text.split("test_datasets:\n")
    assert '  - path: "exports/it\\"s/train.jsonl"\n' in datasets
    assert '  - path: "exports/it\\"s/validation.jsonl"\n' in tests
    assert "rl: dpo\n" in datasets
