"""`asyncsynth drop`: records come out, the next run makes them anew under new UUIDs, their money stays."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.cli.conftest import House, Provider

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
    assert "64 records dropped" in dropped.stdout
    assert len(house.records()) == 192
    assert all(record["combination"]["place"] != "India" for record in house.records())

    assert house.run("run", *priced).returncode == 0
    assert simulated.stats()["answered"] == 256 + 64
    anew = {record["key"]: record["completion"] for record in house.records()}
    assert anew.keys() == before.keys()
    asked = uuids(house)
    assert sorted(map(len, asked.values())) == [1] * 192 + [2] * 64
    assert len({uuid for several in asked.values() for uuid in several}) == 320

    status = house.run("status", "--output", "out").stdout
    assert "paid, taken out since            64 calls" in status


def test_two_conditions_must_both_hold(house: House, options: Options) -> None:
    house.run("run", *options())
    dropped = house.run("drop", "--where", "place=India", "--where", "genre=horror", "--output", "out")
    assert "16 records dropped" in dropped.stdout


def test_a_record_is_dropped_by_its_key(house: House, options: Options) -> None:
    house.run("run", "--limit", "4", *options())
    key = house.records()[1]["key"]
    assert "1 record dropped" in house.run("drop", key, "--output", "out").stdout
    assert key not in {record["key"] for record in house.records()}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name the records to drop"),
        (["0" * 32], "no such record"),
        (["--where", "plce=India"], "did you mean place?"),
        (["--where", "India"], "expected AXIS=VALUE"),
    ],
)
def test_what_cannot_be_dropped_is_told_and_nothing_is_lost(
    house: House, options: Options, arguments: list[str], message: str
) -> None:
    house.run("run", "--limit", "4", *options())
    refused = house.run("drop", *arguments, "--output", "out")
    assert refused.returncode == 2
    assert message in refused.stderr
    assert len(house.records()) == 4
