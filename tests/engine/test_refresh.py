"""The views are what the recipe makes of all that is there, however they were found."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from asyncsynth.engine import refresh as refresh_module
from asyncsynth.errors import StoreWriteFailed
from asyncsynth.store import views as views_module
from asyncsynth.store.files import OsFiles
from asyncsynth.store.store import open_store
from tests.cells import cells
from tests.engine.fake_recipe import FakeRecipe, key_of
from tests.engine.life import open_fresh, rendered, run, views_in

ASKS = "abcdef"


def lines(directory: Path, name: str) -> list[bytes]:
    return (directory / name).read_bytes().splitlines(keepends=True)


def are_right(directory: Path, recipe: FakeRecipe) -> tuple[int, str]:
    """Opens and refreshes; returns how many records were rendered anew, and the note."""
    store, refreshed = open_fresh(directory, recipe)
    with store:
        found = views_in(*(b"".join(lines(directory, name)) for name in ("records.jsonl", "failures.jsonl")))
        assert found == rendered((directory / "answers.jsonl").read_bytes(), store, recipe)
    return refreshed.anew, refreshed.note


def test_what_a_run_has_written_is_not_rendered_again(tmp_path: Path) -> None:
    recipe = FakeRecipe(ASKS, unrendered=[2], problems=[3])
    run(tmp_path / "o", recipe, refused="b")
    before = (tmp_path / "o/records.jsonl").stat().st_ino
    assert are_right(tmp_path / "o", recipe) == (0, "")
    assert (tmp_path / "o/records.jsonl").stat().st_ino == before


@pytest.mark.parametrize(
    "changed",
    [
        FakeRecipe(ASKS, prompt="another {n}"),
        FakeRecipe("fedcba"),
        FakeRecipe("cde"),
        FakeRecipe("abcdefgh"),
        FakeRecipe("abcabcdd"),
        FakeRecipe(ASKS, unrendered=[0, 1]),
        FakeRecipe("xyz"),
    ],
)
def test_a_changed_recipe_renders_all_that_belongs_anew(tmp_path: Path, changed: FakeRecipe) -> None:
    run(tmp_path / "o", FakeRecipe(ASKS), refused="b")
    answers = (tmp_path / "o/answers.jsonl").read_bytes()
    anew, note = are_right(tmp_path / "o", changed)
    assert (anew, note) == (len(lines(tmp_path / "o", "records.jsonl")), "")
    assert are_right(tmp_path / "o", changed) == (0, "")
    assert (tmp_path / "o/answers.jsonl").read_bytes() == answers
    assert are_right(tmp_path / "o", FakeRecipe(ASKS))[0] == 5


@pytest.mark.parametrize("name", ["records.jsonl", "failures.jsonl"])
@pytest.mark.parametrize(
    "edit",
    [
        lambda data: data[:-30],
        lambda data: data.replace(b"an", b"AN", 1).replace(b"refused", b"Refused", 1),
        lambda data: b"".join(data.splitlines(keepends=True)[1:]),
        lambda data: b"",
        lambda data: b"foreign\n" + data,
    ],
)
def test_a_view_that_somebody_changed_is_made_anew_with_a_note(
    tmp_path: Path, name: str, edit: Callable[[bytes], bytes]
) -> None:
    recipe = FakeRecipe(ASKS)
    run(tmp_path / "o", recipe, refused="bc")
    path = tmp_path / "o" / name
    path.write_bytes(edit(path.read_bytes()))
    anew, note = are_right(tmp_path / "o", recipe)
    assert anew == 4
    assert "both are made anew" in note
    assert are_right(tmp_path / "o", recipe) == (0, "")


@pytest.mark.parametrize("name", ["records.jsonl", "failures.jsonl"])
def test_what_somebody_appended_to_a_view_or_deleted_as_a_whole_is_undone(tmp_path: Path, name: str) -> None:
    recipe = FakeRecipe(ASKS)
    run(tmp_path / "o", recipe, refused="bc")
    with (tmp_path / "o" / name).open("ab") as file:
        file.write(b'{"key":"foreign"}\n{"half')
    assert are_right(tmp_path / "o", recipe) == (0, "")
    (tmp_path / "o" / name).unlink()
    assert are_right(tmp_path / "o", recipe)[0] == 4


def test_dropped_answers_and_cleared_letters_leave_the_views_at_once(tmp_path: Path) -> None:
    recipe = FakeRecipe(ASKS, unrendered=[4])
    run(tmp_path / "o", recipe, refused="bc")
    with open_store(tmp_path / "o", now=lambda: 1.0) as store:
        store.drop([key_of("a"), key_of("e")])
        store.retry()
    assert [json.loads(line)["combination"]["ask"] for line in lines(tmp_path / "o", "records.jsonl")] == ["d", "f"]
    assert lines(tmp_path / "o", "failures.jsonl") == []
    assert are_right(tmp_path / "o", recipe) == (0, "")


def test_a_drop_does_not_bless_a_view_that_somebody_changed(tmp_path: Path) -> None:
    recipe = FakeRecipe(ASKS)
    run(tmp_path / "o", recipe)
    path = tmp_path / "o/records.jsonl"
    path.write_bytes(path.read_bytes().replace(b"an answer to b", b"an answer to B"))
    with open_store(tmp_path / "o", now=lambda: 1.0) as store:
        assert store.drop([key_of("a")]) == 1
    assert not list((tmp_path / "o").glob("*.new"))
    assert are_right(tmp_path / "o", recipe)[0] == 5


def test_a_drop_before_any_view_was_made_harms_none(tmp_path: Path) -> None:
    recipe = FakeRecipe(ASKS)
    run(tmp_path / "o", recipe)
    (tmp_path / "o/manifest.jsonl").unlink()
    with open_store(tmp_path / "o", now=lambda: 1.0) as store:
        store.drop([key_of("a")])
    assert len(lines(tmp_path / "o", "records.jsonl")) == 6
    assert are_right(tmp_path / "o", recipe)[0] == 5


class FullDisk(OsFiles):
    """Refuses writes to what a path's name begins with, from the nth one on."""

    def __init__(self, name: str, nth: int) -> None:
        self.name, self.nth, self.fds = name, nth, set[int]()

    def open(self, path: Path, flags: int) -> int:
        fd = super().open(path, flags)
        if path.name.startswith(self.name):
            self.fds.add(fd)
        else:
            self.fds.discard(fd)
        return fd

    def write(self, fd: int, data: bytes) -> int:
        if fd in self.fds:
            self.nth -= 1
            if self.nth < 0:
                raise OSError(28, "No space left on device")
        return super().write(fd, data)

    def rename(self, source: Path, target: Path) -> None:
        if target.name.startswith(self.name) and self.nth == 0:
            raise OSError(28, "No space left on device")
        super().rename(source, target)


SECOND = [FakeRecipe(ASKS), FakeRecipe(ASKS, prompt="another {n}"), FakeRecipe("abcdefaa")]


@pytest.mark.parametrize(
    ("second", "nth", "name"), cells(SECOND, range(12), ["records.jsonl", "failures.jsonl"], one_in=2)
)
def test_a_full_disk_at_any_write_of_a_view_leaves_no_wrong_one_behind(
    tmp_path: Path, second: FakeRecipe, nth: int, name: str
) -> None:
    first, directory = FakeRecipe(ASKS), tmp_path / "o"
    run(directory, first, refused="bc")
    with open_store(directory, now=lambda: 1.0) as store:
        store.retry()
        store.drop([key_of("a")])
    with contextlib.suppress(StoreWriteFailed):
        run(directory, second, files=FullDisk(name, nth), refused="b")
    assert not list(directory.glob("*.new"))
    are_right(directory, first)
    are_right(directory, second)
    run(directory, second, refused="b")
    assert are_right(directory, second) == (0, "")


def test_records_that_show_a_type_late_stand_first_after_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views_module, "FIRST_LOOK", 100)
    recipe = FakeRecipe("abcdef")  # the fourth is the first flagged one after the first, the second has no price
    run(tmp_path / "o", recipe)
    first = json.loads(lines(tmp_path / "o", "records.jsonl")[0])
    assert first["flags"]
    assert first["cost_usd"] is not None
    assert are_right(tmp_path / "o", recipe) == (0, "")
    with open_store(tmp_path / "o", now=lambda: 1.0) as store:
        store.drop([key_of("a")])
    assert are_right(tmp_path / "o", recipe) == (0, "")
    both = [json.loads(line) for line in lines(tmp_path / "o", "records.jsonl")[:2]]
    assert any(record["flags"] for record in both)
    assert any(record["cost_usd"] is not None for record in both)


def test_many_records_are_rendered_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refresh_module, "_PIECE", 2)
    run(tmp_path / "o", FakeRecipe("abcde"))
    assert are_right(tmp_path / "o", FakeRecipe("abcde", prompt="again {n}")) == (5, "")
