#!/usr/bin/env python3
"""asyncsynth's simulator with the same latency for every call. Prints its port; serves until standard input closes."""

from __future__ import annotations

import asyncio
import sys
from urllib.parse import urlsplit

import uvloop

from asyncsynth.servers.simulator import Settings, serve


async def until_input_closes(latency_s: float) -> None:
    async with serve(Settings(latency_s=latency_s, latency_sigma=0.0)) as simulator:
        sys.stdout.write(f"{urlsplit(simulator.base_url).port}\n")
        sys.stdout.flush()
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(until_input_closes(float(sys.argv[1])))
