"""The service on a real loopback port, in this process; its runs are real processes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from asyncsynth.service.address import address_of
from asyncsynth.service.server import Served, served
from asyncsynth.service.state_folder import opened
from tests.app.jobs import job, run
from tests.conftest import SimulatorFactory
from tests.patience import LONGEST_S

CONFIG = """
[axes]
genre = ["horror", "mystery"]
number = [0, 1, 2, 3, 4, 5, 6, 7]
[prompt]
request = "{{ uuid }} A {{ genre }} plot, number {{ number }}."
[record]
prompt = "Genre: {{ genre }}, number {{ number }}: "
[endpoint]
provider = "simulator"
model = "m"
parameters = { max_tokens = 50 }
price = { input = 1.0, output = 2.0 }
simulator = { latency_s = 0.0 }
[output]
directory = "runs/a"
"""


class Client:
    """Asks a service, with its token unless other headers are given."""

    def __init__(self, session: aiohttp.ClientSession, running: Served, token: str) -> None:
        self.session, self.url, self.service = session, running.url, running.service
        self.token = token
        self.headers = {"Authorization": f"Bearer {token}"}

    async def get(self, path: str, **headers: str) -> tuple[int, Any]:
        async with self.session.get(self.url + path, headers={**self.headers, **headers}) as reply:
            return reply.status, await reply.json()

    async def post(self, path: str, body: object, **headers: str) -> tuple[int, Any]:
        async with self.session.post(self.url + path, json=body, headers={**self.headers, **headers}) as reply:
            return reply.status, await reply.json()

    async def until(self, run: str, state: str) -> dict[str, Any]:
        """The run as soon as it is in this state."""
        async with asyncio.timeout(LONGEST_S):
            while (told := (await self.get(f"api/runs/{run}"))[1])["state"] != state:
                await asyncio.sleep(0.05)
        assert isinstance(told, dict)
        return told


def to_provider(config: Path, base_url: str) -> None:
    """Let the config call this simulated provider, and not one of its own."""
    text = config.read_text().replace('provider = "simulator"', f'provider = "openai"\nbase_url = "{base_url}"')
    config.write_text(text.replace("simulator = { latency_s = 0.0 }\n", ""))


Serving = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder of configs, with a config.toml of 16 samples on the simulated provider."""
    root = tmp_path / "root"
    root.mkdir()
    (root / "config.toml").write_text(CONFIG)
    return root


@pytest.fixture
async def made(root: Path, simulator: SimulatorFactory) -> Path:
    """A directory of six samples that somebody else's run has made."""
    directory = root / "runs" / "theirs"
    async with simulator() as simulated:
        await run(job(directory, simulated.base_url))
    return directory


@pytest.fixture
def serving(root: Path) -> Serving:
    """What starts the service, on this port or a free one, for an `async with`; drains its runs at the end."""

    @asynccontextmanager
    async def start(port: int = 0) -> AsyncIterator[Client]:
        with opened(root) as folder:
            address = address_of("127.0.0.1", port, None, folder.state)
            assert address.token is not None
            async with (
                aiohttp.ClientSession() as session,
                served(address, folder, lambda line: None) as running,
            ):
                yield Client(session, running, address.token)
                await running.service.supervisor.stop()

    return start
