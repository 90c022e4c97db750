"""The calls of the endpoint's tests run on both event loops: what breaks is reported differently by each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import pytest

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
