#!/usr/bin/env python3
"""openai's own SDK: AsyncOpenAI with asyncio.gather under a semaphore. BASE_URL COUNT CONCURRENCY FOLDER."""

from __future__ import annotations

import asyncio
import sys

from openai import AsyncOpenAI
from prompts import prompts


async def main(base_url: str, count: str, concurrency: str, _folder: str) -> None:
    slots = asyncio.Semaphore(int(concurrency))
    async with AsyncOpenAI(base_url=base_url, api_key="bench") as client:

        async def ask(prompt: str) -> str | None:
            async with slots:
                answer = await client.chat.completions.create(
                    model="bench",
                    messages=[{"role": "user", "content": prompt}],
                    temperature=1.0,
                    top_p=1.0,
                    max_tokens=200,
                )
            return answer.choices[0].message.content

        texts = await asyncio.gather(*(ask(prompt) for prompt in prompts(int(count))))
    assert all(texts)


asyncio.run(main(*sys.argv[1:]))
