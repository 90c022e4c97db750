"""A real HTTP proxy, Debian's tinyproxy, for the length of a block."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

PATIENCE_S = 10.0
USER, PASSWORD = "a-user", "pass-word-Zq8"
needs_tinyproxy = pytest.mark.skipif(shutil.which("tinyproxy") is None, reason="needs Debian's package tinyproxy")


@asynccontextmanager
async def tinyproxy(folder: Path, *settings: str) -> AsyncIterator[str]:
    """Gives its address, like 127.0.0.1:3128; `settings` are further lines of its configuration."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    lines = [f"Port {port}", "Listen 127.0.0.1", "Timeout 30", "MaxClients 50", f'LogFile "{folder / "proxy.log"}"']
    configuration = folder / "tinyproxy.conf"
    configuration.write_text("\n".join([*lines, "LogLevel Connect", *settings, ""]))
    process = await asyncio.create_subprocess_exec("tinyproxy", "-d", "-c", configuration)
    try:
        await _listening(port)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


def seen(folder: Path) -> str:
    """What the proxy was asked for, in the words of its log."""
    return (folder / "proxy.log").read_text()


async def _listening(port: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                await writer.wait_closed()
                return
