"""The event loop that runs and servers work on: uvloop where it is there, which takes less CPU than asyncio's own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """For asyncio.Runner; None: asyncio's own."""
    try:
        import uvloop  # noqa: PLC0415 - there is none on every platform
    except ImportError:
        return None
    return uvloop.new_event_loop
