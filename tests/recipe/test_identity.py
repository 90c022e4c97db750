"""Promises of recipe.identity: keys are the documented hash, UUIDs the standard's, and both stay what they are."""

from __future__ import annotations

import json
import uuid
from datetime import date
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncsynth.errors import UsageError
from asyncsynth.recipe.identity import UUID_NAMESPACE, Keys, request_uuid

texts = st.text(st.characters(codec="utf-8"))


@given(request=texts, system=st.none() | texts, repeat=st.integers(0, 10**6), model=texts)
def test_key_is_the_documented_hash(request: str, system: str | None, repeat: int, model: str) -> None:
    document = {
        "schema": 1,
        "api": "chat",
        "model": model,
        "parameters": {"top_p": 0.5, "max_tokens": 200},
        "request": request,
        "system": system,
        "repeat": repeat,
        "take": 0,
    }
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    assert (
        Keys("chat", model, {"max_tokens": 200.0, "top_p": 0.5}).key(request, system, repeat)
        == sha256(text.encode()).hexdigest()[:32]
    )


def test_keys_are_the_same_in_every_version() -> None:
    """A change here means that everybody's records no longer belong: raise SCHEMA, and say so in the changelog."""
    keys = Keys("chat", "gpt-4o-mini", {"temperature": 1.0, "top_p": 0.9, "stop": ["\n\n", "é"], "max_tokens": 1000})

    assert keys.key("\n\nA plot in Perú.", None, 0) == "6444ccb8a206c2faf4bd20d12f33ff6c"
    assert keys.key("\n\nA plot in Perú.", "You write plots.", 1) == "3ed699cfb5d71fb9f945496dc4adbf29"


def test_everything_that_is_part_of_the_key_changes_it() -> None:
    different = [
        Keys("chat", "model", {"t": 1}).key("request", None, 0),
        Keys("completions", "model", {"t": 1}).key("request", None, 0),
        Keys("chat", "model2", {"t": 1}).key("request", None, 0),
        Keys("chat", "model", {"t": 1.5}).key("request", None, 0),
        Keys("chat", "model", {"t": True}).key("request", None, 0),
        Keys("chat", "model", {"t": "1"}).key("request", None, 0),
        Keys("chat", "model", {}).key("request", None, 0),
        Keys("chat", "model", {"t": 1}).key("request ", None, 0),
        Keys("chat", "model", {"t": 1}).key("request", "", 0),
        Keys("chat", "model", {"t": 1}).key("request", None, 1),
    ]

    assert len(set(different)) == len(different)


def test_one_and_one_point_zero_and_any_order_of_parameters_are_the_same() -> None:
    one = Keys("chat", "model", {"temperature": 1, "bias": {"50256": -100, "1": 2}})
    other = Keys("chat", "model", {"bias": {"1": 2.0, "50256": -100.0}, "temperature": 1.0})

    assert one.key("request", None, 0) == other.key("request", None, 0)


def test_keys_do_not_depend_on_those_asked_for_before() -> None:
    keys = Keys("chat", "model", {})
    first = keys.key("request", None, 0)
    keys.key("other", "system", 3)

    assert keys.key("request", None, 0) == first


@pytest.mark.parametrize("value", [float("nan"), float("inf"), date(2022, 1, 1)])
def test_parameters_that_json_can_not_write_are_a_usage_error(value: Any) -> None:
    with pytest.raises(UsageError, match=r"endpoint\.parameters"):
        Keys("chat", "model", {"deep": [value]})


@given(seed=st.integers(), key=texts, generation=st.integers(0))
def test_request_uuid_is_uuid5_of_seed_key_and_generation(seed: int, key: str, generation: int) -> None:
    expected = uuid.uuid5(UUID_NAMESPACE, f"{seed}/{key}/{generation}")

    assert request_uuid(seed, key, generation) == str(expected)
    assert request_uuid(seed, key, generation, 2) == str(uuid.uuid5(UUID_NAMESPACE, f"{seed}/{key}/{generation}/2"))
    assert (expected.version, expected.variant) == (5, uuid.RFC_4122)


def test_uuids_are_the_same_in_every_version() -> None:
    assert request_uuid(2022, "4ab2d91902a1f53aef36195abbfdbbb9", 0) == "b577e1c4-0969-5b8b-b554-f0b98f0570b2"
