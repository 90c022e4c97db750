"""Promises of messages: what is sent, what the key is made of, and that plain ones are no more than a request."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from asyncsynth.config import Combinations, Prompt, Record
from asyncsynth.config.config import steps_of
from asyncsynth.recipe.check import check
from asyncsynth.recipe.recipe import Recipe
from asyncsynth.values import Turn

AXES = {"genre": ("horror", "romance")}
DIALOGUE = [
    {"role": "system", "content": "Be {{ genre }}."},
    {"role": "user", "content": "A plot?"},
    {"role": "assistant", "content": "In space."},
    {"role": "user", "content": "{{ uuid }} A {{ genre }} plot!"},
]


def recipe(**prompt: Any) -> Recipe:
    return Recipe.of(
        AXES,
        Combinations(),
        Prompt.model_validate(prompt),
        Record(prompt="{{ genre }}"),
        api="chat",
        model="m",
        parameters={},
    )


def test_a_request_has_the_turns_rendered_and_the_system_text_apart() -> None:
    made = recipe(messages=DIALOGUE)
    sample = next(iter(made.samples()))
    genre = sample.combination["genre"]
    request = made.request(sample)
    assert request.system == f"Be {genre}."
    assert request.turns[:2] == (Turn("user", "A plot?"), Turn("assistant", "In space."))
    uuid, _, asked = request.turns[2].content.partition(" ")
    assert (len(uuid), asked) == (36, f"A {genre} plot!")
    assert request.text == f"user: A plot?\n\nassistant: In space.\n\nuser: {uuid} A {genre} plot!"


def test_the_key_has_the_messages_with_the_uuid_left_blank() -> None:
    sample = next(iter(recipe(messages=DIALOGUE).samples()))
    genre = sample.combination["genre"]
    said = [("user", "A plot?"), ("assistant", "In space."), ("user", f" A {genre} plot!")]
    facts = {
        "api": "chat",
        "model": "m",
        "parameters": {},
        "repeat": 0,
        "request": [{"content": content, "role": role} for role, content in said],
        "schema": 1,
        "system": f"Be {genre}.",
        "take": 0,
    }
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert sample.key == sha256(text.encode()).hexdigest()[:32]


def test_what_is_said_by_whom_decides_the_key_and_the_order() -> None:
    changed = [dict(message) for message in DIALOGUE]
    changed[1]["role"], changed[2]["role"] = "assistant", "user"
    one, other = recipe(messages=DIALOGUE), recipe(messages=changed)
    assert one.order != other.order
    assert {sample.key for sample in one.samples()}.isdisjoint(sample.key for sample in other.samples())


def test_messages_of_a_system_text_and_a_request_are_that_request_and_keep_its_answers() -> None:
    by_messages = recipe(messages=[DIALOGUE[0], DIALOGUE[3]])
    by_request = recipe(request=DIALOGUE[3]["content"], system=DIALOGUE[0]["content"])
    assert [sample.key for sample in by_messages.samples()] == [sample.key for sample in by_request.samples()]
    assert (by_messages.order, by_messages.facts()) == (by_request.order, by_request.facts())
    assert all(by_messages.request(sample).turns == () for sample in by_messages.samples())


def test_the_facts_of_a_dialogue_make_it_again() -> None:
    made = recipe(messages=DIALOGUE)
    again = Recipe.of_facts(json.loads(json.dumps(made.facts())))
    assert [sample.key for sample in again.samples()] == [sample.key for sample in made.samples()]
    assert again.order == made.order


def test_samples_are_proven_to_differ_by_any_of_the_messages() -> None:
    assert not recipe(messages=DIALOGUE).alike
    assert recipe(messages=[DIALOGUE[1], DIALOGUE[2], {"role": "user", "content": "More."}]).alike


def test_mistakes_in_templates_are_told_with_their_message() -> None:
    prompt = Prompt.model_validate(
        {
            "messages": [
                {"role": "user", "content": "A {{ gnre }} plot?"},
                {"role": "assistant", "content": "{% if genre == 'none' %}x{% endif %}"},
                {"role": "user", "content": "{{ genre }}"},
            ]
        }
    )
    places = {problem.place: problem.what for problem in check(steps_of(prompt, {}), None, AXES)}
    assert places == {
        "prompt.messages[0].content": "line 1: there is no axis 'gnre'",
        "prompt.messages[1].content": "renders to nothing",
    }
