"""Texts in files of their own: exact, and under one name in all folders."""

from __future__ import annotations

from pathlib import Path

from asyncsynth.outputs.folders import Folders
from asyncsynth.outputs.rows import texts
from tests.outputs.records import pair, preference, record


def files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_bytes().decode()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_prompt_and_completion_have_the_same_name_in_two_folders(tmp_path: Path) -> None:
    folders = Folders({"train": tmp_path})
    folders.write("train", texts(pair("Plot:\r\n ", "A house.\u2028\n")))
    assert files(tmp_path) == {
        "completions/horror_india_cfcd2084.txt": "A house.\u2028\n",
        "prompts/horror_india_cfcd2084.txt": "Plot:\r\n ",
    }


def test_a_preference_has_three_folders(tmp_path: Path) -> None:
    folders = Folders({"train": tmp_path / "train", "test": tmp_path / "test"})
    folders.write("test", texts(preference()))
    assert [Path(name).parent.as_posix() for name in files(tmp_path)] == [
        "test/chosen",
        "test/prompts",
        "test/rejected",
    ]


def test_values_that_look_alike_get_names_of_their_own(tmp_path: Path) -> None:
    """Twins share a key; values may differ in case only, or in characters that no name can have."""
    folders = Folders({"train": tmp_path})
    values = ["CON", "con", "&", "/", "..", "🎬", "x" * 300, "X" * 300, "x" * 301]
    for value in values:
        folders.write("train", texts(record(7, combination={"a": value}, prompt=value, completion=f"of {value}")))
    written = files(tmp_path)
    assert len({name.casefold() for name in written}) == 2 * len(values)
    prompts = {name.removeprefix("prompts/"): text for name, text in written.items() if name.startswith("prompts/")}
    assert sorted(prompts.values()) == sorted(values)
    assert all(written[f"completions/{name}"] == f"of {text}" for name, text in prompts.items())
