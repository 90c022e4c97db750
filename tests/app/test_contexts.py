"""How many tokens a model takes: what the config says, or what is known of it."""

from __future__ import annotations

from typing import Any

import pytest

from asyncsynth.app.contexts import context_of
from asyncsynth.config import Endpoint


@pytest.mark.parametrize(
    ("options", "context"),
    [
        ({"provider": "openai", "model": "gpt-4o-mini"}, 128_000),
        ({"provider": "simulator", "model": "gpt-4o-mini"}, 128_000),
        ({"provider": "openai", "model": "gpt-4o-mini", "context": 9000}, 9000),
        ({"provider": "openai", "model": "gpt-4o-mini", "price": {"input": 1.0, "output": 1.0}}, None),
        ({"provider": "openai", "model": "nobody-knows"}, None),
        ({"provider": "vllm", "base_url": "http://127.0.0.1:1/v1", "model": "m"}, None),
        ({"provider": "local", "parameters": {"max_tokens": 100}}, 2048),
        ({"provider": "local", "parameters": {"max_tokens": 3000}}, 4024),
    ],
)
def test_the_config_wins_over_what_is_known(options: dict[str, Any], context: int | None) -> None:
    assert context_of(Endpoint.model_validate(options)) == context
