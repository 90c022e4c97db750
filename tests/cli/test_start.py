"""What a run loads before its first request: each package that it does not need is time that every run pays."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points

from asyncsynth.cli import imports
from tests.conftest import unmeasured

LATER = {
    "aiohappyeyeballs": "a host with several addresses",
    "aiohttp": "the first reply",
    "aiolimiter": "a rate of requests",
    "asyncsynth.app.forecast": "plan, or a refusal",
    "asyncsynth.app.plan": "plan",
    "asyncsynth.pace.auto.adaptive": 'concurrency = "auto"',
    "asyncsynth.provider.framing": "a reply that is no JSON",
    "asyncsynth.provider.pages": "a page in the place of a reply",
    "asyncsynth.quality.sketch": "the first look at repetition",
    "asyncsynth.quality.words": "the first look at repetition",
    "asyncsynth.servers.child": "a server of ours",
    "duckdb": "parquet",
    "email": "a date in a reply",
    "fastjsonschema": "a schema",
    "genai_prices": "an unknown price",
    "html": "nothing",
    "importlib.metadata": "a plugin",
    "rensa": "near-duplicates",
    "rich": "the first log line",
    "structlog": "the first log line",
    "yarl": "an unusual URL",
}
LOADED = """
import sys
from asyncsynth.cli.imports import loading
with loading():
    import asyncsynth.cli.run, asyncsynth.cli.work, asyncsynth.app.endpoints, asyncsynth.provider.wires.chat
from asyncsynth.config.sections import Output
Output(directory="runs")
"""


@unmeasured
def test_a_run_loads_nothing_that_its_first_request_does_not_need() -> None:
    run = subprocess.run(
        [sys.executable, "-c", f"{LOADED}print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    assert [name for name in LATER if name in run.stdout.split()] == []


def test_what_looks_for_plugins_still_finds_what_packages_tell() -> None:
    assert set(imports._entry_points(group="console_scripts")) == set(entry_points(group="console_scripts"))


def test_what_a_config_leaves_out_is_not_built() -> None:
    """To build what a section is checked by takes milliseconds."""
    left_out = "sections.SimulatorSection, sections.StopWhen, gates.GateSection, sections.Quality, sections.Limits"
    tree = {"axes": {"a": ["b"]}, "prompt": {"request": "{{ a }}"}, "record": {"prompt": "{{ a }}"}}
    checking = f"from asyncsynth.config import check, gates, sections; print(check.check({tree}, '').problems)"
    run = subprocess.run(
        [sys.executable, "-c", f"{checking}; print([each.__pydantic_complete__ for each in ({left_out})])"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.splitlines()[-1] == str([False] * 5)
