#!/usr/bin/env python3
"""bespokelabs-curator with its openai backend, as its documentation has it. BASE_URL COUNT CONCURRENCY FOLDER."""

from __future__ import annotations

import sys

from bespokelabs import curator
from prompts import prompts

LIMITLESS = 100_000_000  # a minute


def main(base_url: str, count: str, concurrency: str, folder: str) -> None:
    model = curator.LLM(
        model_name="bench",
        backend="openai",
        backend_params={
            "base_url": base_url,
            "api_key": "bench",
            "max_concurrent_requests": int(concurrency),
            "max_requests_per_minute": LIMITLESS,
            "max_tokens_per_minute": LIMITLESS,
        },
        generation_params={"temperature": 1.0, "top_p": 1.0, "max_tokens": 200},
    )
    answers = model(prompts(int(count)), working_dir=folder)
    assert len(answers.dataset) == int(count)


main(*sys.argv[1:])
