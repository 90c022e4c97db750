"""The calls of the endpoint's tests run on both event loops and both transports: what breaks each reports differently.

aiohttp's transport is tried on uvloop alone, on which runs are. What holds only for connections that are kept is marked
with `kept_connections`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import pytest

from tests.provider import calls

Loops = Mapping[str, Callable[[], asyncio.AbstractEventLoop]]


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> Loops:
    loops: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"asyncio": asyncio.new_event_loop}
    if item.path.name.startswith(("test_endpoint", "test_pool")):
        try:
            import uvloop  # noqa: PLC0415 - there is none on every platform
        except ImportError:
            return loops
        loops["uvloop"] = uvloop.new_event_loop
    return loops


@pytest.fixture(params=sorted(calls.TRANSPORTS, reverse=True))
def carrier(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The transport that carries the calls of the test."""
    name: str = request.param
    monkeypatch.setattr(calls, "carrier", name)
    return name


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = [item for item in items if not _is_done_elsewhere(item)]


def _is_done_elsewhere(item: pytest.Item) -> bool:
    given = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    if given.get("carrier") != "aiohttp":
        return False
    return "kept_connections" in item.keywords or asyncio.new_event_loop in given.values()
