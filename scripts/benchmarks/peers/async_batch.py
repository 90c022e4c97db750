#!/usr/bin/env python3
"""async-batch-llm with its JSONL store, as its README has it. BASE_URL COUNT CONCURRENCY FOLDER."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from async_batch_llm import ArtifactIdentity, JsonlArtifactStore, ProcessorConfig, ResumePolicy, llm, process_prompts
from prompts import prompts


async def main(base_url: str, count: str, concurrency: str, folder: str) -> None:
    identity = ArtifactIdentity(
        provider="openai-compatible", model="bench", prompt_version="1", parser_version="1", application_version="1"
    )
    store = JsonlArtifactStore(Path(folder) / "artifacts.jsonl", identity=identity)
    batch = await process_prompts(
        llm("openai-compatible:bench", base_url=base_url, api_key="bench"),
        prompts(int(count)),
        config=ProcessorConfig(concurrency=int(concurrency)),
        artifact_store=store,
        resume=ResumePolicy.REUSE_SUCCESSES,
    )
    assert sum(result.success for result in batch.results) == int(count), batch.summary()


asyncio.run(main(*sys.argv[1:]))
