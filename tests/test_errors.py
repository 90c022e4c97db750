"""Errors reach a user as they are, from whatever process."""

from __future__ import annotations

import pickle

import pytest

from asyncsynth.errors import AsyncsynthError, ConfigError, EndpointStopped, Interrupted, Problem, RecipeChanged


@pytest.mark.parametrize(
    "error",
    [
        ConfigError("config.toml", (Problem("axes.genre", "is missing", "genre"),)),
        RecipeChanged("it has changed", hint="undo it"),
        EndpointStopped("no credit"),
        Interrupted("interrupted"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_comes_through_a_pool_of_processes(error: AsyncsynthError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


@pytest.mark.parametrize(("nearest", "shown"), [("name", "name"), ("name ", '"name "'), ("a b", "a b")])
def test_the_nearest_name_is_told_with_its_blanks(nearest: str, shown: str) -> None:
    assert str(Problem("axes.x", "is missing", nearest)) == f"axes.x: is missing; did you mean {shown}?"
