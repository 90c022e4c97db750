"""Output directories are found below a folder, and nowhere else."""

from __future__ import annotations

from pathlib import Path

from asyncsynth.app.found import DEEPEST, directories_below


def make(directory: Path) -> None:
    directory.mkdir(parents=True)
    (directory / "manifest.jsonl").touch()


def test_directories_with_a_manifest_are_found_but_for_hidden_linked_and_inner_ones(tmp_path: Path) -> None:
    root = tmp_path / "root"
    for name in ("runs/b", "runs/a", "c", "c/inner", ".hidden/d"):
        make(root / name)
    make(tmp_path / "outside")
    (root / "linked").symlink_to(tmp_path / "outside")

    assert [path.relative_to(root).as_posix() for path in directories_below(root)] == ["c", "runs/a", "runs/b"]


def test_the_search_is_bounded_in_depth(tmp_path: Path) -> None:
    make(tmp_path.joinpath(*"x" * (DEEPEST + 1)))
    make(tmp_path.joinpath(*"y" * DEEPEST))

    assert len(list(directories_below(tmp_path))) == 1
