"""Server-sent events: how far a run is, again only where something changed, and no texts in them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from tests.app.jobs import job, run
from tests.conftest import SimulatorFactory
from tests.service.conftest import Client, Serving, to_provider


async def events(client: Client, name: str, last: str | None = None) -> AsyncIterator[tuple[str, str, dict[str, Any]]]:
    """(kind, id, data) until the stream ends."""
    headers = client.headers | ({} if last is None else {"Last-Event-ID": last})
    async with client.session.get(f"{client.url}api/runs/{name}/events", headers=headers) as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        text = (await stream.read()).decode()
    for block in text.split("\n\n"):
        if block.startswith("event: "):
            kind, number, data = (line.partition(": ")[2] for line in block.splitlines())
            yield kind, number, json.loads(data)


async def test_a_run_is_told_until_its_end(serving: Serving, root: Path, simulator: SimulatorFactory) -> None:
    async with simulator(latency_s=0.2) as simulated, serving() as client:
        to_provider(root / "config.toml", simulated.base_url)
        _, started = await client.post("api/runs", {"file": "config.toml", "limits": {"concurrency": 4}})
        told = [event async for event in events(client, started["id"])]
    kinds = [kind for kind, _, _ in told]
    assert kinds == ["progress"] * (len(kinds) - 1) + ["end"]
    done = [data["records"] for _, _, data in told]
    assert done == sorted(done)
    assert done[-1] == 16
    assert len({number for kind, number, _ in told if kind == "progress"}) == len(kinds) - 1
    assert all(data["message"] is None and "completion" not in json.dumps(data) for _, _, data in told)


async def test_what_was_told_is_not_told_again_and_a_restart_forgets_nothing(
    serving: Serving, root: Path, simulator: SimulatorFactory
) -> None:
    async with simulator() as simulated:
        await run(job(root / "runs" / "a", simulated.base_url))
    async with serving() as client:
        name = (await client.get("api/runs"))[1]["runs"][0]["id"]
        first = [event async for event in events(client, name)]
        assert [kind for kind, _, _ in first] == ["progress", "end"]
    async with serving() as client:
        again = [event async for event in events(client, name, first[0][1])]
        assert [kind for kind, _, _ in again] == ["end"]
        assert (await client.get(f"api/runs/{'0' * 16}/events"))[0] == 404
