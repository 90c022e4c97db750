"""`asyncsynth preview` and `plan`: they say what a run would do, and send nothing."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import COMMAND, House, environment
from tests.patience import LONGEST_S

Options = Callable[..., list[str]]


def test_preview_shows_what_the_run_then_sends(house: House, options: Options) -> None:
    previewed = house.run("preview", "--limit", "2", "--output", "out", "--set", "endpoint.provider=simulator").stdout
    assert not (house.folder / "out").exists()
    assert house.run("run", "--limit", "2", *options()).returncode == 0
    for record in house.records():
        assert record["key"] in previewed
        assert record["prompt"] in previewed


def test_plan_says_how_many_how_much_and_how_long(house: House, options: Options) -> None:
    limits = ["--set", "limits.requests_per_minute=64", "--set", "endpoint.price={input=1, output=1}"]
    planned = house.run("plan", *options(None, *limits))
    assert planned.returncode == 0
    assert "256 combinations, 256 samples -> out" in planned.stdout
    assert "reuse 0, make 256, 0 no longer in the recipe" in planned.stdout
    assert "4:00 at least, by limits.requests_per_minute" in planned.stdout
    assert "at most" in planned.stdout
    assert "nothing was sent" in planned.stdout
    assert not (house.folder / "out").exists()


def test_plan_counts_excluded_combinations_out(house: House, options: Options) -> None:
    exclude = 'combinations.exclude=[{genre="horror", modifier="satirical"}]'
    assert "240 combinations" in house.run("plan", *options(None, "--set", exclude)).stdout


@pytest.mark.parametrize("command", ["preview", "plan"])
def test_a_full_disk_behind_standard_output_is_one_clear_message(house: House, command: str) -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [*COMMAND, command],
            cwd=house.folder,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=LONGEST_S,
            check=False,
        )
    assert ended.returncode == 1
    assert ended.stderr == "asyncsynth: can't write to standard output: No space left on device\n"
