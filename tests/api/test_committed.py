"""Records of a run under way come from its file, not from a queue."""

from __future__ import annotations

from pathlib import Path

from asyncsynth.api.committed import Committed


def test_whole_lines_are_given_once_and_half_a_line_waits_for_its_end(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_bytes(b'{"n":0}\n')
    committed = Committed(path, start=8)
    assert committed.next() is None
    with path.open("ab", buffering=0) as file:
        file.write(b'{"n":1}\n{"n":2}\n{"n":')
        assert [committed.next(), committed.next(), committed.next()] == [{"n": 1}, {"n": 2}, None]
        file.write(b"3}\n")
    assert committed.next() == {"n": 3}


def test_a_file_that_is_replaced_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    path.write_bytes(b'{"n":1}\n')
    committed = Committed(path, start=0)
    (tmp_path / "new").write_bytes(b'{"n":9}\n')
    (tmp_path / "new").rename(path)
    assert [committed.next(), committed.next()] == [{"n": 1}, None]
