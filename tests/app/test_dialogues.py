"""Steps that are dialogues: what each side is asked, what is never asked again, and what records have of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from asyncsynth.app.drop import Selection, drop
from asyncsynth.app.forecast import most_takes
from asyncsynth.app.plan import plan
from asyncsynth.app.present import present_records
from asyncsynth.app.preview import preview
from asyncsynth.app.run import open_run
from asyncsynth.app.workflows import recipe_of_facts
from asyncsynth.recipe.dialogue import BEGIN
from asyncsynth.recipe.identity import request_uuid
from asyncsynth.values import Request
from tests.app.jobs import Ears
from tests.app.test_steps import GOOD, Model, lines, made, mistakes, work

CHAT: dict[str, Any] = {
    "dialogue": 2,
    "user": "{{ uuid }} You are a {{ mood }} reader of {{ genre }}.",
    "assistant": "{{ uuid }} You sell books.",
}
RECORD = {"messages": "{{ chat }}"}
SIDES = {"chat.user": 12, "chat.assistant": 12}


def chats(directory: Path, *, steps: Mapping[str, Any] | None = None, **over: Any) -> Any:
    """Six dialogues of four turns; `steps` beside it, and options of it by their names."""
    options = {
        name: over.pop(name) for name in list(over) if name in (*CHAT, "until", "user_endpoint", "gates", "retry")
    }
    chat = {name: value for name, value in {**CHAT, **options}.items() if value is not None}
    return work(
        directory, steps={"outline": None, "story": None, "chat": chat, **(steps or {})}, **{"record": RECORD, **over}
    )


def spoken(request: Request) -> str:
    """Which turn of which sample it is, by the length of what was said before."""
    return f"{request.step} says {len(request.turns)} of {request.sample.key[:6]}"


async def test_each_turn_is_asked_once_and_the_record_has_all_messages(tmp_path: Path) -> None:
    model = Model(spoken)
    outcome = await made(chats(tmp_path), model)
    assert (outcome.records, model.steps) == (6, SIDES)
    for record in lines(tmp_path):
        turns = list(record["steps"].values())
        assert list(record["steps"]) == ["chat.1.user", "chat.1.assistant", "chat.2.user", "chat.2.assistant"]
        assert record["messages"] == [
            {"role": role, "content": turn["text"]} for role, turn in zip(["user", "assistant"] * 2, turns, strict=True)
        ]
        assert record["key"] == turns[-1]["key"]
        assert record["usage"]["prompt_tokens"] == 400


async def test_each_side_is_told_its_own_text_and_sees_itself_as_the_assistant(tmp_path: Path) -> None:
    model = Model(spoken)
    await made(chats(tmp_path), model)
    last_user = next(request for request in model.asked if request.step == "chat.user" and len(request.turns) == 3)
    last = next(request for request in model.asked if request.step == "chat.assistant" and len(request.turns) == 3)
    assert [turn.role for turn in last_user.turns] == ["user", "assistant", "user"]
    assert last_user.turns[0].content.startswith("Begin")
    assert last_user.turns[1].content.startswith("chat.user says 1")
    assert last_user.turns[2].content.startswith("chat.assistant says 1")
    assert [turn.content[:20] for turn in last.turns] == [
        "chat.user says 1 of ",
        "chat.assistant says ",
        "chat.user says 3 of ",
    ]
    assert [turn.role for turn in last.turns] == ["user", "assistant", "user"]
    assert last_user.system is not None
    assert last_user.system.endswith(
        f"You are a {last_user.sample.combination['mood']} reader of {last_user.sample.combination['genre']}."
    )
    assert last.system is not None
    assert last.system.endswith("You sell books.")
    assert len({request.system for request in model.asked}) == 24, "every request has a UUID of its own"


@pytest.mark.parametrize("after", range(1, 24, 4))
async def test_a_run_that_is_cut_off_at_any_turn_goes_on_where_it_was(tmp_path: Path, after: int) -> None:
    model = Model(spoken)
    given = chats(tmp_path, limits={"concurrency": 2})
    with open_run(given, outside=model.outside) as opened:
        making = asyncio.create_task(opened.make(Ears(), asyncio.get_running_loop().time))
        while len(model.asked) < after:
            await asyncio.sleep(0)
        opened.cancel()
        await asyncio.wait([making])
        making.exception()
    outcome = await made(given, Model(spoken))
    keys = [answer["key"] for answer in lines(tmp_path, "answers.jsonl")]
    assert len(keys) == len(set(keys)) == 24
    assert (outcome.records, {len(record["messages"]) for record in lines(tmp_path)}) == (6, {4})


def until_angry(request: Request) -> str:
    """Angry readers end it with their second message."""
    ends = request.step == "chat.user" and len(request.turns) == 3 and request.sample.combination["mood"] == "angry"
    return f"{spoken(request)}{' <END>' if ends else ''}"


async def test_a_turn_with_its_end_in_it_is_the_last_one_and_the_end_is_in_no_message(tmp_path: Path) -> None:
    model = Model(until_angry)
    given = chats(tmp_path, until="<END>")
    assert plan(given).inventory.requests == 24, "nobody knows yet who ends it"
    outcome = await made(given, model)
    assert (outcome.records, model.steps) == (6, {"chat.user": 12, "chat.assistant": 9})
    messages = [record["messages"] for record in lines(tmp_path)]
    assert Counter(len(one) for one in messages) == {3: 3, 4: 3}
    assert "<END>" not in str(messages)
    assert not any(message["content"].endswith(" ") for one in messages for message in one)
    again = Model(spoken)
    assert (await made(given, again)).inventory.there == 6
    assert again.asked == []
    assert plan(given).inventory.left == 0, "all answers belong to it"


async def test_without_its_end_word_a_dialogue_that_had_ended_goes_on(tmp_path: Path) -> None:
    await made(chats(tmp_path, until="<END>"), Model(until_angry))
    model = Model(spoken)
    outcome = await made(chats(tmp_path), model, accept_changes=True)
    assert (outcome.records, model.steps) == (6, {"chat.assistant": 3})


async def test_a_dialogue_that_ends_before_an_answer_is_no_record(tmp_path: Path) -> None:
    outcome = await made(chats(tmp_path, until="<END>"), Model(lambda _: "<END>"))
    assert (outcome.records, outcome.rejected) == (0, {"until": 6})


async def test_a_longer_dialogue_asks_for_the_further_turns_alone(tmp_path: Path) -> None:
    await made(chats(tmp_path), Model(spoken))
    model = Model(spoken)
    longer = chats(tmp_path, dialogue=3)
    outcome = await made(longer, model, accept_changes=True)
    assert (outcome.records, model.steps) == (6, {"chat.user": 6, "chat.assistant": 6})


async def test_an_axis_may_say_how_long_it_is(tmp_path: Path) -> None:
    axes = {"genre": ["horror"], "mood": ["calm", "angry"], "rounds": [1, 3]}
    given, model = chats(tmp_path, axes=axes, dialogue="rounds"), Model(spoken)
    planned = plan(given).inventory
    assert (planned.requests, planned.by_step) == (16, {"chat.user": 8, "chat.assistant": 8})
    outcome = await made(given, model)
    assert (outcome.records, len(model.asked)) == (4, 16)
    assert {(record["combination"]["rounds"], len(record["messages"])) for record in lines(tmp_path)} == {
        (1, 2),
        (3, 6),
    }


async def test_later_steps_see_the_messages_and_a_judge_may_reject_a_dialogue(tmp_path: Path) -> None:
    title = {"request": "Name it: {% for said in chat %}{{ said.role }}: {{ said.content }}\n{% endfor %}"}
    verdict = {"judge": "chat", "rubric": {"detail": {"5": "Rich.", "1": "Bare."}}, "keep": "detail >= 3"}

    def says(request: Request) -> str:
        if request.step == "verdict":
            return (
                '{"reason": "Bare.", "detail": 1}'
                if "angry" in str(request.sample.combination)
                else str(GOOD).replace("'", '"')
            )
        return spoken(request)

    given = chats(tmp_path, steps={"title": title, "verdict": verdict}, record={**RECORD, "title": "{{ title }}"})
    model = Model(says)
    outcome = await made(given, model)
    assert (outcome.records, outcome.rejected) == (3, {"verdict": 3})
    named = next(request for request in model.asked if request.step == "title")
    assert named.text.count("user: ") == named.text.count("assistant: ") == 2
    key = lines(tmp_path)[0]["steps"]["chat.1.assistant"]["key"]
    assert drop(tmp_path, Selection((key,))) == 1
    again = Model(says)
    assert (await made(given, again)).records == 3
    assert again.steps == {"chat.user": 1, "chat.assistant": 2, "title": 1, "verdict": 1}


async def test_gates_look_at_every_turn_which_is_asked_for_again_by_itself(tmp_path: Path) -> None:
    def says(request: Request) -> str:
        return "short" if request.step == "chat.assistant" and not request.take else spoken(request)

    model = Model(says)
    outcome = await made(chats(tmp_path, gates={"words": {"min": 2}}, retry=1), model)
    assert (outcome.records, model.steps) == (6, {"chat.user": 12, "chat.assistant": 24})
    assert "short" not in str([record["messages"] for record in lines(tmp_path)])


async def test_a_turn_is_asked_for_again_under_a_uuid_above_its_own_text_alone(tmp_path: Path) -> None:
    model = Model(lambda request: spoken(request) if request.take else "short")
    user = "You read {{ mood }} {{ genre }}."
    await made(chats(tmp_path, user=user, assistant=None, gates={"words": {"min": 2}}, retry=1), model)
    reader = next(request for request in model.asked if request.step == "chat.user" and request.take)
    seller = next(request for request in model.asked if request.step == "chat.assistant" and request.take)
    uuids = [request_uuid(2022, request.sample.key, 0) for request in (reader, seller)]
    assert (reader.system or "").startswith(f"{uuids[0]}\n\nYou read ")
    assert reader.turns[0].content == BEGIN
    assert seller.system is None
    assert seller.turns[0].content.startswith(f"{uuids[1]}\n\nchat.user says 1 of ")


async def test_each_side_may_have_an_endpoint_of_its_own(tmp_path: Path) -> None:
    here = {"provider": "openai", "base_url": "https://here.test/v1", "model": "small"}
    given = chats(tmp_path, user_endpoint="here", endpoints={"here": here})
    assert {target.name: target.steps for target in given.targets} == {
        "here": ("chat.user",),
        "": ("chat.assistant",),
    }
    assert {target.for_step("chat.user").endpoint.model for target in given.targets if target.name} == {"small"}
    model = Model(spoken)
    assert (await made(given, model)).records == 6
    other = chats(tmp_path, user_endpoint="here", endpoints={"here": {**here, "model": "another"}})
    assert plan(other).inventory.requests == 24, "the model of the user is part of the identity of all turns"
    elsewhere = chats(tmp_path, user_endpoint="here", endpoints={"here": {**here, "base_url": "https://there.test/v1"}})
    assert plan(elsewhere).inventory.requests == 0


async def test_whoever_only_reads_makes_the_same_records_of_what_the_manifest_tells(tmp_path: Path) -> None:
    given = chats(tmp_path, until="<END>")
    await made(given, Model(until_angry))
    assert recipe_of_facts(given.recipe.facts()).fingerprint == given.recipe.fingerprint
    kept = {record["key"]: record for record in lines(tmp_path)}
    (tmp_path / "records.jsonl").unlink()
    with present_records(tmp_path, None) as present:
        assert {record["key"]: record for record in present.records()} == kept


async def test_the_longest_dialogue_that_can_be_is_made_and_found_again(tmp_path: Path) -> None:
    axes = {"genre": ["horror"], "mood": ["calm"]}
    given, model = chats(tmp_path, axes=axes, dialogue=50, until="<END>"), Model(spoken)
    await made(given, model)
    assert [len(record["messages"]) for record in lines(tmp_path)] == [100]
    assert plan(given).inventory.requests == 0


def test_preview_shows_every_turn(tmp_path: Path) -> None:
    (first,) = preview(chats(tmp_path).recipe, 1)
    assert [said.step for said in first.said] == ["chat.1.user", "chat.1.assistant", "chat.2.user", "chat.2.assistant"]
    assert first.said[3].request.splitlines()[0] == "user: <the answer of chat.1.user>"
    assert first.fields["messages"][3] == {"role": "assistant", "content": "<the answer of chat.2.assistant>"}


def test_plan_counts_the_turns_of_each_side(tmp_path: Path) -> None:
    told = str(plan(chats(tmp_path)))
    assert "6 samples, by 24 requests: 12 for chat.user, 12 for chat.assistant" in told
    assert most_takes(chats(tmp_path, retry=1).recipe) == {"chat.user": 2, "chat.assistant": 2}


@pytest.mark.parametrize(
    ("options", "place", "what"),
    [
        ({"dialogue": 0}, "steps.chat.dialogue", "must be a whole number from 1 to 50"),
        ({"dialogue": 2.5}, "steps.chat.dialogue", "must be a whole number from 1 to 50"),
        ({"dialogue": "moood"}, "steps.chat.dialogue", "did you mean mood?"),
        ({"dialogue": "mood"}, "steps.chat.dialogue", 'and mood has "calm"'),
        ({"dialogue": None}, "steps.chat.user", "is for a dialogue"),
        ({"user": None}, "steps.chat.user", "is missing"),
        ({"user": "{{ genre }} {{ mood }} {{ moody }}"}, "steps.chat.user", "did you mean mood?"),
        ({"assistant": "{{ chat }}"}, "steps.chat.assistant", "this step's own answer"),
        ({"user_endpoint": "her"}, "steps.chat.user_endpoint", "there is no [endpoints.her]"),
        ({"until": ""}, "steps.chat.until", "must not be empty"),
        ({"record": {"messages": "{{ chatt }}"}}, "record.messages", "did you mean chat?"),
        ({"record": {"messages": "Hello"}}, "record.messages", "must be a list of messages, or name a step"),
        (
            {"record": {"messages": [{"role": "judge", "content": "{{ chat }}"}]}},
            "record.messages[0].role",
            "not one of",
        ),
        ({"record": {"messages": []}}, "record.messages", "must not be empty"),
        ({"record": {"messages": 3}}, "record.messages", "must be a list"),
        ({"endpoint__api": "completions"}, "steps.chat.dialogue", "has no roles"),
        ({"steps": {"tail": {"request": "{{ chat }}", "until": "x"}}}, "steps.tail.until", "is for a dialogue"),
        (
            {"steps": {"tail": {"request": "{{ chat }}", "dialogue": 1}}},
            "steps.tail.request",
            "can't be used with dialogue",
        ),
    ],
)
def test_mistakes_are_told_with_their_place_and_the_nearest_name(
    tmp_path: Path, options: dict[str, Any], place: str, what: str
) -> None:
    told = mistakes(chats, tmp_path, **options)
    assert place in told
    assert what in told
