"""Runs that were started here drain, go on, and take new limits, without anything that is bought twice."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import SimulatorFactory
from tests.promises.conftest import complete
from tests.service.conftest import Serving, to_provider


async def test_a_run_drains_goes_on_with_new_limits_and_is_never_started_twice(
    serving: Serving, root: Path, simulator: SimulatorFactory
) -> None:
    body = {"file": "config.toml", "limits": {"concurrency": 1}}
    async with simulator(latency_s=0.2) as simulated, serving() as client:
        to_provider(root / "config.toml", simulated.base_url)
        _, started = await client.post("api/runs", body)
        run = f"api/runs/{started['id']}"
        assert (await client.post("api/runs", body))[0] == 409
        assert (await client.post(f"{run}/drain", {}))[0] == 202
        drained = await client.until(started["id"], "ended")
        assert drained["ended"] == "interrupted"
        assert (await client.post(f"{run}/drain", {}))[0] == 400
        assert (await client.post(f"{run}/resume", {}))[0] == 202
        await client.until(started["id"], "working")
        assert (await client.post(f"{run}/limits", {"concurrency": 16}))[0] == 202
        assert (await client.until(started["id"], "ended"))["ended"] == "complete"
        assert simulated.provider.stats.answered == 16
    assert len(complete(root / "runs" / "a")) == 16


async def test_the_service_goes_on_with_what_it_drained_at_its_own_end(
    serving: Serving, root: Path, simulator: SimulatorFactory
) -> None:
    async with simulator(latency_s=0.2) as simulated:
        to_provider(root / "config.toml", simulated.base_url)
        async with serving() as client:
            _, started = await client.post("api/runs", {"file": "config.toml", "limits": {"concurrency": 1}})
            assert started["began"] is not None
        async with serving() as client:
            assert (await client.until(started["id"], "ended"))["ended"] == "complete"
        async with serving() as client:
            assert (await client.get(f"api/runs/{started['id']}"))[1]["state"] == "ended"
    assert len(complete(root / "runs" / "a")) == 16


async def test_a_changed_recipe_is_refused_until_it_is_accepted(
    serving: Serving, root: Path, simulator: SimulatorFactory
) -> None:
    async with simulator() as simulated, serving() as client:
        to_provider(root / "config.toml", simulated.base_url)
        _, started = await client.post("api/runs", {"file": "config.toml"})
        await client.until(started["id"], "ended")
        config = root / "config.toml"
        config.write_text(config.read_text().replace("A {{ genre }} plot", "One {{ genre }} plot"))
        code, refused = await client.post("api/runs", {"file": "config.toml"})
        assert (code, "16 paid answers would be left behind" in refused["error"]) == (400, True)
        assert (await client.post(f"api/runs/{started['id']}/resume", {"accept_changes": True}))[0] == 202
        assert (await client.until(started["id"], "ended"))["ended"] == "complete"
