"""Recipes of several steps, as the service starts, shows, drains and goes on with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import SimulatorFactory
from tests.service.conftest import Serving, to_provider

pytestmark = pytest.mark.slow

STEPS = """[steps.outline]
request = "{{ uuid }} Outline of a {{ genre }}, number {{ number }}."
[steps.story]
request = "Expand: {{ outline }}"
"""


@pytest.fixture
def steps(root: Path) -> Path:
    """A config of 16 samples of two steps."""
    config = root / "config.toml"
    before, _, after = config.read_text().partition("[prompt]")
    config.write_text(before + STEPS + after[after.index("[record]") :])
    return config


async def test_a_recipe_of_steps_drains_goes_on_with_new_limits_and_buys_nothing_twice(
    serving: Serving, steps: Path, simulator: SimulatorFactory
) -> None:
    async with simulator(latency_s=0.4) as simulated, serving() as client:
        to_provider(steps, simulated.base_url)
        _, started = await client.post("api/runs", {"file": "config.toml", "limits": {"concurrency": 1}})
        run = f"api/runs/{started['id']}"
        assert (await client.post(f"{run}/drain", {}))[0] == 202
        assert (await client.until(started["id"], "ended"))["ended"] == "interrupted"
        assert (await client.post(f"{run}/resume", {}))[0] == 202
        assert (await client.post(f"{run}/limits", {"concurrency": 2}))[0] == 202
        assert (await client.post(f"{run}/limits", {"concurrency": 4}))[0] == 202  # while it drains: nothing is cut off
        assert (await client.post(f"{run}/limits", {"concurrency": 16}))[0] == 202
        assert (await client.until(started["id"], "ended"))["ended"] == "complete"
        assert simulated.provider.stats.answered == 32
        told = (await client.get(f"{run}/survey"))[1]
        assert all(step["request"] for sample in told["samples"] for step in sample["steps"])
        _, page = await client.get(f"{run}/samples?of=records&limit=1")
        assert [step["name"] for step in page["samples"][0]["steps"]] == ["outline", "story"]
        assert told["progress"]["records"] == 16
        assert told["money"]["uncertain_calls"] == 0
