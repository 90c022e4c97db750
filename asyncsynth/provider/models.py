"""The name by which samples know a model: what stands in requests, records and keys."""

from __future__ import annotations

from pathlib import PurePath

SIMULATED = "simulated:"
WEIGHTS = ".gguf"


def as_given(model: str) -> str:
    return model


def simulated(model: str) -> str:
    """A rehearsal's answers carry a mark, so that they never count as answers of the model itself."""
    return f"{SIMULATED}{model}"


def file_stem(model: str) -> str:
    """A file of weights goes by its stem, so that it can move."""
    return PurePath(model).stem if model.endswith(WEIGHTS) else model
