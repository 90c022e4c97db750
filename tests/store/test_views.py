from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from asyncsynth.errors import StoreWriteFailed
from asyncsynth.store import views as views_module
from asyncsynth.store.files import OsFiles
from asyncsynth.store.mark import Mark
from asyncsynth.store.views import Lines, Types, Views


def record(number: int, *, cost: float | None = 0.5, flags: Sequence[str] = ("f",)) -> Lines:
    line = json.dumps({"key": f"{number:032x}", "cost_usd": cost, "flags": flags}, separators=(",", ":"))
    return Lines([line.encode() + b"\n"])


def failure(number: int, reason: str = "refusal", *, answered: bool = False) -> Lines:
    line = json.dumps({"key": f"{number:032x}", "reason": reason}, separators=(",", ":"))
    return Lines((), [line.encode() + b"\n"], unrendered=int(answered))


class Notes:
    """What was put into the manifest."""

    def __init__(self) -> None:
        self.marks: list[Mark] = []
        self.views: Views | None = None

    def __call__(self) -> None:
        assert self.views is not None
        self.marks.append(self.views.mark(1000, 2))


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def views(tmp_path: Path, notes: Notes) -> Iterator[Views]:
    opened = notes.views = Views(OsFiles(), tmp_path, Mark(), notes)
    yield opened
    opened.close()


def keys_in(path: Path) -> list[int]:
    return [int(json.loads(line)["key"], 16) for line in path.read_bytes().splitlines()]


def test_a_mark_tells_what_the_files_hold(views: Views, tmp_path: Path) -> None:
    views.make_anew([[record(1), failure(2)], [record(3)]], recipe="r", order="o")
    views.append([record(4), failure(5, "record_template", answered=True)])
    mark = views.mark(500, 1)
    assert (mark.recipe, mark.order, mark.answers, mark.dead, mark.unrendered) == ("r", "o", 500, 1, 1)
    assert (mark.records.lines, mark.failures.lines, mark.samples) == (3, 2, 4)
    assert mark.records.size == (tmp_path / "records.jsonl").stat().st_size
    assert views.hold()
    assert (keys_in(tmp_path / "records.jsonl"), keys_in(tmp_path / "failures.jsonl")) == ([1, 3, 4], [2, 5])


def test_what_is_not_complete_is_not_said_to_be(views: Views) -> None:
    views.append([record(1)])
    assert views.mark(500, 1) == Mark()
    views.up_to_date = True
    assert views.mark(500, 1).answers == 500


def test_views_that_could_not_be_written_are_marked_as_they_were_before(views: Views) -> None:
    views.make_anew([[record(1)]], recipe="r", order="o")
    before = views.mark(500, 1)
    views.failures.close()
    with pytest.raises(StoreWriteFailed):
        views.append([record(2), failure(3)])
    assert not views.healthy
    assert views.mark(600, 2) == before


def test_while_files_are_replaced_the_manifest_says_that_they_are_in_doubt(views: Views, notes: Notes) -> None:
    views.make_anew([[record(1), record(2)]], recipe="r", order="o")
    assert notes.marks == [Mark()]
    mark = views.mark(500, 1)
    views.leave_out(frozenset([f"{1:032x}"]))
    assert notes.marks == [Mark(), Mark()]
    after = views.mark(500, 1)
    assert (after.recipe, after.records.lines, after.answers) == ("r", 1, 500)
    assert after.records != mark.records


def test_views_of_a_new_directory_are_not_replaced_so_nothing_waits_for_the_disk(
    views: Views, notes: Notes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(OsFiles, "fdatasync")
    views.make_anew([], recipe="r", order="o")
    assert notes.marks == []
    assert views.mark(0, 0).recipe == "r"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["failures.jsonl", "records.jsonl"]


def test_a_file_that_should_be_empty_is_made_so(views: Views, tmp_path: Path) -> None:
    (tmp_path / "failures.jsonl").write_bytes(b"{}\n")
    opened = Views(OsFiles(), tmp_path, Mark(), lambda: None)
    opened.make_anew([], recipe="r", order="o")
    opened.close()
    assert (tmp_path / "failures.jsonl").read_bytes() == b""


def test_taking_out_counts_anew_what_is_left(views: Views, tmp_path: Path) -> None:
    unrendered = failure(3, "record_template", answered=True)
    named = Lines((), [b'{"key":"%032x","combination":{"reason":"record_template"},"reason":"refusal"}\n' % 4])
    views.make_anew(
        [[record(1, flags=()), record(2, cost=None), unrendered, named, failure(5, "record_template", answered=True)]],
        recipe="r", order="o",
    )  # fmt: skip
    assert views.leave_out(frozenset([f"{1:032x}", f"{5:032x}"]))
    assert (keys_in(tmp_path / "records.jsonl"), keys_in(tmp_path / "failures.jsonl")) == ([2], [3, 4])
    mark = views.mark(500, 1)
    assert (mark.unrendered, mark.samples, mark.typed) == (1, 2, (-1, 0))


def test_a_view_that_was_not_complete_stays_so_when_something_is_taken_out(views: Views, tmp_path: Path) -> None:
    views.make_anew([[record(1), record(2)]], recipe="r", order="o")
    known = views.mark(500, 1)
    views.close()
    with (tmp_path / "records.jsonl").open("ab") as file:
        file.write(b'{"key":"written after that"}\n')
    notes = Notes()
    again = notes.views = Views(OsFiles(), tmp_path, known, notes)
    assert again.leave_out(frozenset([f"{2:032x}"]))
    mark = again.mark(900, 4)
    assert (mark.answers, mark.dead, mark.records.lines) == (500, 1, 1)
    assert keys_in(tmp_path / "records.jsonl") == [1]
    again.close()


def test_a_changed_view_is_not_copied_but_in_doubt(views: Views, notes: Notes, tmp_path: Path) -> None:
    views.make_anew([[record(1), record(2)]], recipe="r", order="o")
    path = tmp_path / "records.jsonl"
    path.write_bytes(path.read_bytes().replace(b"0.5", b"0.6"))
    before = path.read_bytes()
    assert not views.leave_out(frozenset([f"{1:032x}"]))
    assert (views.mark(500, 1), notes.marks[-1], path.read_bytes()) == (Mark(), Mark(), before)


def test_types_that_show_late_move_to_the_head(views: Views, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views_module, "FIRST_LOOK", 100)
    untyped = [record(number, cost=None, flags=()) for number in range(4)]
    views.make_anew([untyped], recipe="r", order="o")
    views.append([record(10, flags=()), record(11, cost=None), record(12)])
    views.show_types_first()
    assert keys_in(tmp_path / "records.jsonl") == [10, 11, 0, 1, 2, 3, 12]
    mark = views.mark(500, 1)
    assert max(mark.typed) < 100
    assert (mark.records.lines, views.hold()) == (7, True)
    inode = (tmp_path / "records.jsonl").stat().st_ino
    views.show_types_first()
    assert (tmp_path / "records.jsonl").stat().st_ino == inode


def test_types_in_a_changed_file_are_left_where_they_are(
    views: Views, notes: Notes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views_module, "FIRST_LOOK", 10)
    views.make_anew([[record(1, cost=None), record(2)]], recipe="r", order="o")
    path = tmp_path / "records.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"f"', b'"F"'))
    views.show_types_first()
    assert (views.mark(1, 1), notes.marks[-1]) == (Mark(), Mark())
    assert keys_in(path) == [1, 2]


@pytest.mark.parametrize(
    ("cost", "flags", "shown"),
    [(None, (), (-1, -1)), (None, [], (-1, -1)), (0.0, (), (7, -1)), (None, ["f"], (-1, 7)), (0.1, ("f",), (7, 7))],
)
def test_null_and_empty_show_no_type_and_zero_does(
    cost: float | None, flags: Sequence[str], shown: tuple[int, int]
) -> None:
    types = Types()
    types.see(record(1, cost=cost, flags=flags).records, 7)
    assert tuple(types.places) == shown


def test_a_view_that_cannot_be_opened_leaves_none_open(tmp_path: Path) -> None:
    (tmp_path / "failures.jsonl").mkdir()
    with pytest.raises(StoreWriteFailed, match="Is a directory"):
        Views(OsFiles(), tmp_path, Mark(), lambda: None)
