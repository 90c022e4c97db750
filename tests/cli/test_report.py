"""`asyncsynth report`: from a run to a page."""

from __future__ import annotations

from collections.abc import Callable

from tests.cli.conftest import House

Options = Callable[..., list[str]]


def test_a_run_becomes_a_page_and_the_verdict_is_said(house: House, options: Options) -> None:
    house.run("run", "--limit", "12", *options())
    done = house.run("report", "--to", "report.html", *options())
    assert done.returncode == 0, done.stderr
    assert "12 samples to read" in done.stdout.splitlines()[-1]
    assert (house.folder / "report.html").stat().st_mode & 0o777 == 0o600


def test_without_a_place_it_says_what_is_missing(house: House) -> None:
    refused = house.run("report")
    assert refused.returncode == 2
    assert "--to report.html" in refused.stderr
