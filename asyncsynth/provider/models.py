"""The name that a model has in requests, records and keys."""

from __future__ import annotations

from typing import Literal

from asyncsynth.servers.local import model_name

SIMULATED = "simulated:"


def effective_model(provider: Literal["local", "simulator", "openai"], model: str) -> str:
    """`model` as samples are identified by it.

    A rehearsal's answers carry a mark, so that they never count as answers of the model itself; a local file goes by
    its stem, so that it can move.
    """
    if provider == "simulator":
        return f"{SIMULATED}{model}"
    return model_name(model) if provider == "local" else model
