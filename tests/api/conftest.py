"""Recipes on the simulated provider, as a script would write them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import asyncsynth as syn


@pytest.fixture
def recipe() -> Callable[..., syn.Recipe]:
    """A recipe of so many samples; `latency_s` of the simulated provider."""

    def build(samples: int = 16, latency_s: float = 0.0, **limits: Any) -> syn.Recipe:
        return syn.Recipe(
            axes={"genre": ["horror", "mystery"], "number": list(range(samples // 2))},
            prompt={"request": "{{ uuid }} A {{ genre }} plot, number {{ number }}."},
            record={"prompt": "Genre: {{ genre }}\nNumber: {{ number }}\n\nPlot: "},
            endpoint={
                "provider": "simulator",
                "model": "m",
                "parameters": {"max_tokens": 50},
                "simulator": {"latency_s": latency_s},
                "price": {"input": 1.0, "output": 2.0},
            },
            limits={"concurrency": 8, **limits},
        )

    return build
