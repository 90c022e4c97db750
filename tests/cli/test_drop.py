"""`asyncsynth drop`: records come out, the next run makes them anew under new UUIDs, their money stays."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, House, Provider

Options = Callable[..., list[str]]


def uuids(house: House) -> dict[str, list[str]]:
    """The UUIDs that each key was asked under."""
    found: dict[str, list[str]] = {}
    for line in (house.folder / "out/raw.jsonl").read_text().splitlines():
        call = json.loads(line)
        found.setdefault(call["key"], []).append(call["request"]["messages"][0]["content"].splitlines()[0])
    return found


def test_dropped_records_are_made_anew_under_new_uuids(
    house: House, provider: Callable[..., Provider], options: Options
) -> None:
    simulated = provider("--latency", "0", "--price", "1", "1")
    priced = options(simulated, "--set", "endpoint.price={input=1, output=1}")
    house.run("run", *priced)
    before = {record["key"]: record["completion"] for record in house.records()}
    dropped = house.run("drop", "--where", "place=India", "--output", "out")
    assert "64 answers dropped" in dropped.stdout
    assert len(house.records()) == 192
    assert all(record["combination"]["place"] != "India" for record in house.records())
    assert len((house.folder / "out/answers.jsonl").read_bytes().splitlines()) == 256, (
        "what was paid is never rewritten"
    )

    assert house.run("run", *priced).returncode == 0
    assert simulated.stats()["answered"] == 256 + 64
    anew = {record["key"]: record["completion"] for record in house.records()}
    assert anew.keys() == before.keys()
    asked = uuids(house)
    assert sorted(map(len, asked.values())) == [1] * 192 + [2] * 64
    assert len({uuid for several in asked.values() for uuid in several}) == 320

    status = house.run("status", "--output", "out").stdout
    assert "paid, dropped since              64 calls" in status


@pytest.fixture(scope="module")
def sixteen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which 16 samples were made; tests work in copies of it."""
    folder = tmp_path_factory.mktemp("made") / "house"
    folder.mkdir()
    shutil.copy(ROOT / "config.toml", folder)
    run = House(folder).run("run", "--limit", "16", "--output", "out", "--set", "endpoint.provider=simulator")
    assert run.returncode == 0, run.stderr
    return folder


@pytest.fixture
def made(sixteen: Path, tmp_path: Path) -> House:
    return House(Path(shutil.copytree(sixteen, tmp_path / "house")))


def test_two_conditions_must_both_hold(made: House) -> None:
    dropped = made.run("drop", "--where", "place=India", "--where", "genre=horror", "--output", "out")
    assert "1 answer dropped" in dropped.stdout


def test_a_dry_run_says_how_many_and_drops_nothing(made: House) -> None:
    before = (made.folder / "out/manifest.jsonl").read_bytes()
    assert "4 answers would be dropped" in made.run("drop", "--where", "place=India", "--dry-run", "-o", "out").stdout
    assert (made.folder / "out/manifest.jsonl").read_bytes() == before


def test_records_are_dropped_by_a_text_that_they_hold(made: House) -> None:
    text = made.records()[2]["completion"][40:90]
    assert "1 answer dropped" in made.run("drop", "--match", text, "--output", "out").stdout
    assert not any(text in record["completion"] for record in made.records())


def test_a_mistyped_output_is_not_made(house: House) -> None:
    dropped = house.run("drop", "--where", "place=India", "--output", "ouput")
    assert "0 answers dropped" in dropped.stdout
    assert not (house.folder / "ouput").exists()


def test_the_first_digits_of_a_key_are_enough(made: House) -> None:
    key = made.records()[1]["key"]
    assert "1 answer dropped" in made.run("drop", key[:8], "--output", "out").stdout
    assert key not in {record["key"] for record in made.records()}


def test_a_record_is_dropped_by_its_key(made: House) -> None:
    key = made.records()[1]["key"]
    assert "1 answer dropped" in made.run("drop", key, "--output", "out").stdout
    assert key not in {record["key"] for record in made.records()}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name the answers to drop"),
        (["0" * 32], "no answer has this key"),
        (["foo"], "'foo' is not a key"),
        (["ab"], "give at least 4 digits"),
        (["0000"], "no answer has this key"),
        (["--where", "plce=India"], "did you mean place?"),
        (["--where", "India"], "nothing is called India"),
    ],
)
def test_what_cannot_be_dropped_is_told_and_nothing_is_lost(made: House, arguments: list[str], message: str) -> None:
    refused = made.run("drop", *arguments, "--output", "out")
    assert refused.returncode == 2
    assert message in refused.stderr
    assert len(made.records()) == 16
