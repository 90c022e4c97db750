"""`asyncsynth export`: from a run to the files of a trainer, also while the run is at work."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import House, Provider, ended_by

Options = Callable[..., list[str]]


def lines(path: Path) -> int:
    return path.read_bytes().count(b"\n")


def test_a_run_is_exported_and_what_was_done_is_said(house: House, options: Options) -> None:
    house.run("run", "--limit", "40", *options())
    done = house.run(
        "export",
        "-f",
        "chat",
        "--to",
        "set",
        "--split",
        "train=0.8,test=0.2",
        "--where",
        'genre != "horror"',
        *options(),
    )
    assert (done.returncode, done.stderr) == (0, "")
    said = done.stdout.splitlines()
    assert said[0] == "out -> set: 30 examples"
    assert said[2:] == [
        "left out: 10 not wanted by --where",
        "in it: axolotl.yml, dataset_info.json, test.jsonl, train.jsonl",
    ]
    assert lines(house.folder / "set/train.jsonl") + lines(house.folder / "set/test.jsonl") == 30
    row = json.loads((house.folder / "set/train.jsonl").read_bytes().splitlines()[0])
    assert [turn["role"] for turn in row["messages"]] == ["user", "assistant"]


def test_without_a_format_or_a_place_it_says_what_is_missing(house: House) -> None:
    refused = house.run("export", "--to", "set")
    assert refused.returncode == 2
    assert "--format chat --to exports/chat" in refused.stderr


def test_while_a_run_is_at_work_what_is_there_is_exported(
    house: House, provider: Callable[..., Provider], options: Options
) -> None:
    slow = options(provider("--latency", "0.5"))
    running = house.start("run", *slow)
    house.wait_for_records(4)
    done = house.run("export", "-f", "completions", "--to", "set.jsonl", *slow)
    assert done.returncode == 0, done.stderr
    assert "a run is at work" in done.stderr
    assert lines(house.folder / "set.jsonl") >= 4
    status, _ = ended_by(running, signal.SIGINT)
    assert status == 130
    assert len({record["key"] for record in house.records()}) == len(house.records())
