#!/usr/bin/env python3
"""The loop to beat: aiohttp on uvloop, COUNT posts at CONCURRENCY; renders, limits, prices and stores nothing.

`plain` is what people write: a dict out, a dict in. `lean` spares all that aiohttp lets one spare: bytes out, bytes in,
no cookies, no redirects.  Usage: bare_loop.py BASE_URL COUNT CONCURRENCY plain|lean
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator

import aiohttp
import uvloop
from yarl import URL

TEXT = (
    "Imagine a complete and detailed plot outline for a western film set in Norway. Write it out in great detail. " * 3
)
REQUEST = {
    "model": "bench",
    "temperature": 1.0,
    "top_p": 1.0,
    "max_tokens": 200,
    "messages": [{"role": "user", "content": TEXT}],
}


async def plain(session: aiohttp.ClientSession, url: str, calls: Iterator[int]) -> None:
    for _ in calls:
        async with session.post(url, json=REQUEST) as response:
            await response.json()


async def lean(session: aiohttp.ClientSession, url: str, calls: Iterator[int]) -> None:
    body, parsed = json.dumps(REQUEST).encode(), URL(url)
    headers = {"Content-Type": "application/json"}
    for _ in calls:
        response = await session.post(parsed, data=body, headers=headers, allow_redirects=False)
        await response.read()


async def main(base_url: str, count: str, concurrency: str, kind: str) -> None:
    calls = iter(range(int(count)))
    jar = aiohttp.DummyCookieJar() if kind == "lean" else None
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), cookie_jar=jar) as session:
        work = {"plain": plain, "lean": lean}[kind]
        await asyncio.gather(*(work(session, f"{base_url}/chat/completions", calls) for _ in range(int(concurrency))))


uvloop.run(main(*sys.argv[1:]))
