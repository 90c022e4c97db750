"""What a run loads before its first request: each package that it does not need is time that every run pays."""

from __future__ import annotations

import subprocess
import sys

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
    "rensa": "near-duplicates",
    "rich": "the first log line",
    "structlog": "the first log line",
    "yarl": "an unusual URL",
}
LOADED = "import asyncsynth.cli.run, asyncsynth.cli.work, asyncsynth.app.endpoints, asyncsynth.provider.wires.chat, sys"


def test_a_run_loads_nothing_that_its_first_request_does_not_need() -> None:
    run = subprocess.run(
        [sys.executable, "-c", f"{LOADED}; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    assert [name for name in LATER if name in run.stdout.split()] == []


def test_what_a_config_leaves_out_within_its_sections_is_not_built() -> None:
    """To build what a section is checked by takes milliseconds."""
    inner = "sections.SimulatorSection, sections.StopWhen, gates.GateSection"
    tree = {"axes": {"a": ["b"]}, "prompt": {"request": "{{ a }}"}, "record": {"prompt": "{{ a }}"}}
    checking = f"from asyncsynth.config import check, gates, sections; print(check.check({tree}, '').problems)"
    run = subprocess.run(
        [sys.executable, "-c", f"{checking}; print([each.__pydantic_complete__ for each in ({inner})])"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.splitlines()[-1] == "[False, False, False]"
