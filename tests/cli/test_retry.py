"""`asyncsynth retry`: cleared dead letters are tried by the next run, others never."""

from __future__ import annotations

from collections.abc import Callable

from tests.cli.conftest import House, Provider

Options = Callable[..., list[str]]
Start = Callable[..., Provider]


def test_a_dead_letter_is_tried_again_only_after_retry(house: House, provider: Start, options: Options) -> None:
    filtering = provider("--latency", "0", "--fault", "content_filter=1")
    assert house.run("run", "--limit", "3", *options(filtering)).returncode == 1
    assert len((house.folder / "out/failures.jsonl").read_text().splitlines()) == 3

    answering = provider("--latency", "0")
    assert house.run("run", "--limit", "3", *options(answering)).returncode == 1
    assert answering.stats()["calls"] == 0, "what was paid and given up on is not bought again by itself"

    assert "3 dead letters cleared" in house.run("retry", "content_filter", "--output", "out").stdout
    assert (house.folder / "out/failures.jsonl").read_text() == ""
    assert house.run("run", "--limit", "3", *options(answering)).returncode == 0
    assert answering.stats()["calls"] == len(house.records()) == 3


def test_an_unknown_reason_is_told_with_the_nearest_one(house: House, provider: Start, options: Options) -> None:
    filtering = provider("--latency", "0", "--fault", "content_filter=1")
    house.run("run", "--limit", "2", *options(filtering))
    refused = house.run("retry", "content_filer", "--output", "out")
    assert refused.returncode == 2
    assert "did you mean content_filter?" in refused.stderr
    assert len((house.folder / "out/failures.jsonl").read_text().splitlines()) == 2
