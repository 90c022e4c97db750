"""Recipes of several steps: what a run asks, what it never asks again, and what becomes of rejected answers."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from asyncsynth.app.drop import Selection, drop, drop_stale
from asyncsynth.app.forecast import most_takes
from asyncsynth.app.outside import Outside
from asyncsynth.app.plan import plan
from asyncsynth.app.present import present_records
from asyncsynth.app.preview import preview
from asyncsynth.app.retry import retry
from asyncsynth.app.run import Outcome, open_run
from asyncsynth.app.status import status
from asyncsynth.app.survey import Wanted, survey
from asyncsynth.app.target import Target
from asyncsynth.app.workflows import workflow_of
from asyncsynth.engine import several_steps, standing
from asyncsynth.errors import ConfigError, RecipeChanged
from asyncsynth.store.funnel import StepFigures
from asyncsynth.store.views import Views
from asyncsynth.values import Action, Answer, Billing, Fault, Reply, Request, Usage
from tests.app.jobs import Ears, job, run
from tests.engine.faults import BAD_REQUEST

OUTLINE = {"request": "{{ uuid }} Outline of a {{ genre }}, {{ mood }}."}
STORY = {"request": "Expand: {{ outline }}"}
GOOD = {"reason": "It has scenes.", "detail": 5}
WEAK = {"reason": "It is thin.", "detail": 1}
VERDICT = {"judge": "story", "rubric": {"detail": {"5": "Rich.", "1": "Bare."}}, "keep": "detail >= 3"}

Says = Callable[[Request], str]


def by_name(request: Request) -> str:
    return f"{request.step} {request.take} {request.sample.key[:8]}"


class Model:
    """Says what it is told to, and remembers what it was asked."""

    def __init__(self, says: Says = by_name) -> None:
        self.says, self.asked = says, list[Request]()

    async def send(self, request: Request) -> Reply:
        self.asked.append(request)
        await asyncio.sleep(0)
        text = self.says(request)
        return Reply(Answer(text, "stop", Usage(100, 10), "m", b"{}"), b"{}", 0.1)

    @property
    def steps(self) -> Counter[str]:
        return Counter(request.step for request in self.asked)

    @property
    def outside(self) -> Outside:
        @asynccontextmanager
        async def endpoint(target: Target, calls: int, *, keep_truncated: bool) -> AsyncIterator[Model]:
            del target, calls, keep_truncated
            yield self

        return Outside(endpoint=endpoint)


def mistakes(make: Callable[..., Any], directory: Path, **over: Any) -> str:
    """What is told of a config, a line a mistake."""
    with pytest.raises(ConfigError) as refused:
        make(directory, **over)
    return "\n".join(map(str, refused.value.problems))


def work(directory: Path, **over: Any) -> Any:
    steps = {"outline": OUTLINE, "story": STORY, **over.pop("steps", {})}
    given = {name: step for name, step in steps.items() if step is not None}
    record = over.pop("record", {"prompt": "{{ genre }}, {{ mood }}: "})
    return job(directory, **{"prompt": None, "steps": given, "record": record, **over})


async def made(given: Any, model: Model, *, accept_changes: bool = False) -> Outcome:
    return await run(given, accept_changes=accept_changes, outside=model.outside)


def lines(directory: Path, name: str = "records.jsonl") -> list[dict[str, Any]]:
    return [json.loads(line) for line in (directory / name).read_bytes().splitlines()]


async def test_each_step_is_asked_once_and_the_record_has_all_of_them(tmp_path: Path) -> None:
    model = Model()
    outcome = await made(work(tmp_path), model)
    assert (outcome.records, model.steps) == (6, {"outline": 6, "story": 6})
    for record in lines(tmp_path):
        outline, story = record["steps"]["outline"], record["steps"]["story"]
        assert record["completion"] == story["text"]
        assert record["key"] == story["key"]
        assert f"Expand: {outline['text']}" in [request.text for request in model.asked]
        assert record["usage"]["prompt_tokens"] == 200
        assert record["cost_usd"] == pytest.approx(outline["cost_usd"] + story["cost_usd"])


def test_the_keys_of_samples_are_those_of_their_first_answers(tmp_path: Path) -> None:
    recipe = work(tmp_path).recipe
    rendered = [recipe.steps[0].takes(replace(each, key=""), {})(0) for each in recipe.samples()]
    assert [each.key for each in recipe.samples()] == rendered


async def test_a_second_run_asks_nothing_and_changes_nothing(tmp_path: Path) -> None:
    await made(work(tmp_path), Model())
    before, again = (tmp_path / "records.jsonl").read_bytes(), Model()
    assert (await made(work(tmp_path), again)).inventory.there == 6
    assert again.asked == []
    assert (tmp_path / "records.jsonl").read_bytes() == before


async def test_another_request_of_the_second_step_asks_for_that_alone_once_it_is_accepted(tmp_path: Path) -> None:
    await made(work(tmp_path), Model())
    changed, model = work(tmp_path, steps={"story": {"request": "Tell: {{ outline }}"}}), Model()
    with pytest.raises(RecipeChanged, match="6 paid answers would be left behind") as refused:
        await made(changed, model)
    assert "steps.story.request" in refused.value.message
    assert "6 others bought" in refused.value.message
    assert plan(changed).inventory.requests == 6
    outcome = await made(changed, model, accept_changes=True)
    assert (model.steps, outcome.records) == ({"story": 6}, 6)
    assert drop_stale(changed) == 6


async def test_what_is_expected_of_a_step_is_what_its_own_answers_were_like(tmp_path: Path) -> None:
    """A change of the story alone costs what stories cost, and not the mean of outlines and stories."""

    class Uneven(Model):
        async def send(self, request: Request) -> Reply:
            reply = await super().send(request)
            assert isinstance(reply.outcome, Answer)
            usage = Usage(100, 10 if request.step == "outline" else 90)
            return replace(reply, outcome=replace(reply.outcome, usage=usage))

    await made(work(tmp_path), Uneven())
    changed = plan(work(tmp_path, steps={"story": {"request": "Tell {{ outline }}"}})).forecast
    assert (changed.by_step, changed.completion_tokens) == ({"outline": 0, "story": 6}, 6 * 90)
    with pytest.raises(RecipeChanged, match=r"for about \$[0-9.]+, \$[0-9.]+ at most"):
        await made(work(tmp_path, steps={"story": {"request": "Tell {{ outline }}"}}), Uneven())


async def test_another_name_of_a_step_buys_nothing(tmp_path: Path) -> None:
    await made(work(tmp_path), Model())
    renamed = {"plot": OUTLINE, "story": {"request": "Expand: {{ plot }}"}, "outline": None}
    model = Model()
    assert (await made(work(tmp_path, steps=renamed), model)).records == 6
    assert model.asked == []


async def test_a_loosened_gate_asks_nothing_and_the_records_appear(tmp_path: Path) -> None:
    gated = {**STORY, "keep": "story | length > 1000", "retry": 2}
    model = Model()
    outcome = await made(work(tmp_path, steps={"story": gated}), model)
    assert (outcome.records, outcome.failures, outcome.rejected) == (0, 6, {"keep": 6})
    assert model.steps == {"outline": 6, "story": 18}
    found = status(tmp_path)
    assert (found.rejected, [(name, spent.calls) for name, spent in found.by_step.items()]) == (
        {"keep": 6},
        [("outline", 6), ("story", 18)],
    )
    assert sum(spent.picodollars for spent in found.by_step.values()) == found.totals.paid.picodollars > 0
    again = Model()
    outcome = await made(work(tmp_path), again)
    assert (again.asked, outcome.records, outcome.failures) == ([], 6, 0)


async def test_a_tightened_gate_buys_only_what_is_missing(tmp_path: Path) -> None:
    model = Model(lambda request: "short" if "horror" in str(request.sample.combination) else "a long answer")
    await made(work(tmp_path), model)
    again = Model(lambda _: "a long answer")
    gated = work(tmp_path, steps={"story": {**STORY, "keep": "story | length > 9", "retry": 1}})
    outcome = await made(gated, again)
    assert (again.steps, outcome.records) == ({"story": 2}, 6)
    assert "short" not in [record["completion"] for record in lines(tmp_path)]


async def test_steps_and_axes_in_another_order_are_another_order_of_what_is_there(tmp_path: Path) -> None:
    """No mapping of a config loses its order: what the views hold is not taken for that of another one."""
    good, weak = (
        {"request": "A {{ genre }}, {{ mood }}."},
        {"request": "B {{ genre }}, {{ mood }}.", "keep": "weak == ''"},
    )
    record, axes = (
        {"prompt": "{{ good }}", "completion": "{{ weak }}"},
        {"genre": ["horror", "mystery"], "mood": ["calm"]},
    )
    given: dict[str, Any] = {"prompt": None, "record": record, "axes": axes}
    first = job(tmp_path, steps={"weak": weak, "good": good}, **given)
    await made(first, Model())
    turned, model = job(tmp_path, steps={"good": good, "weak": weak}, **given), Model()
    found = plan(turned).inventory
    assert turned.recipe.order != first.recipe.order
    assert (found.to_make, found.dead) == (0, 2), "the first step has no answer, and nobody needs one"
    await made(turned, model)
    assert (model.steps, len(lines(tmp_path, "failures.jsonl"))) == ({}, 2)
    one = tmp_path / "one step"
    await made(job(one, steps={"good": good}, **given | {"record": {"prompt": "{{ good }}"}}), Model())
    other_way = {"record": {"prompt": "{{ good }}"}, "axes": dict(reversed(axes.items()))}
    await made(job(one, steps={"good": good}, **given | other_way), Model())
    assert [list(record["combination"]) for record in lines(one)] == [["mood", "genre"]] * 2


async def test_a_dropped_outline_makes_its_story_anew(tmp_path: Path) -> None:
    await made(work(tmp_path), Model())
    outline = lines(tmp_path)[0]["steps"]["outline"]
    assert drop(tmp_path, Selection((outline["key"],))) == 1
    model = Model()
    outcome = await made(work(tmp_path), model)
    assert (model.steps, outcome.records) == ({"outline": 1, "story": 1}, 6)
    assert {record["steps"]["outline"]["key"] for record in lines(tmp_path)} == {
        answer["key"] for answer in lines(tmp_path, "answers.jsonl") if answer["step"] == "outline"
    }


async def test_an_answer_that_several_samples_need_is_bought_once(tmp_path: Path) -> None:
    shared = {"outline": {"request": "{{ uuid }} Outline of a {{ genre }}."}}
    tones = {"story": {"request": "Expand, {{ mood }}: {{ outline }}"}}
    model = Model()
    given = work(tmp_path, steps={**shared, **tones})
    assert plan(given).inventory.requests == 9
    outcome = await made(given, model)
    assert (model.steps, outcome.records, outcome.tally.calls) == ({"outline": 3, "story": 6}, 6, 9)
    again = Model()
    assert (await made(given, again)).inventory.there == 6
    assert again.asked == []


async def test_samples_beyond_the_limit_that_share_all_answers_have_their_records_at_once(tmp_path: Path) -> None:
    """Also where they are halfway, and the run came to some of those alone."""
    axes = {"genre": ["horror", "mystery"], "kind": [{"name": "film", "year": 1}, {"name": "film", "year": 2}]}
    steps = {"outline": {"request": "A {{ genre }} {{ kind.name }}."}, "story": STORY}
    given: dict[str, Any] = {"axes": axes, "record": {"prompt": "{{ genre }} {{ kind.year }}"}}
    await made(work(tmp_path, steps=steps, **given), Model())
    told = work(
        tmp_path, steps=steps | {"story": {"request": "Tell {{ outline }}"}}, combinations={"limit": 1}, **given
    )
    model = Model()
    await made(told, model, accept_changes=True)
    records = len(lines(tmp_path))
    assert (model.steps, records, plan(told).inventory.there) == ({"story": 1}, 2, 2)


async def test_a_take_that_came_for_another_sample_is_not_bought_again(tmp_path: Path) -> None:
    """One judge sends a shared outline back long before the other one does."""
    second, late = asyncio.Event(), "mystery"

    def says(request: Request) -> str:
        if request.step == "outline":
            return f"plot {request.take}"
        return json.dumps(WEAK if "plot 0" in request.text else GOOD)

    class Late(Model):
        async def send(self, request: Request) -> Reply:
            if "plot 0" in request.text and late in request.text:
                await second.wait()
            if "plot 1" in request.text:
                second.set()
            return await super().send(request)

    steps = {
        "outline": {"request": "Outline a plot.", "retry": 1},
        "story": None,
        "verdict": {**VERDICT, "judge": "outline", "request": "{{ genre }}: {{ outline }}"},
    }
    axes = {"genre": ["horror", late], "mood": ["calm"]}
    model, record = Late(says), {"prompt": "{{ mood }}", "completion": "{{ outline }}"}
    outcome = await made(work(tmp_path, axes=axes, steps=steps, record=record), model)
    assert (outcome.records, model.steps) == (2, {"outline": 2, "verdict": 4})


async def test_a_sample_whose_whole_course_another_one_has_gone_gets_a_record_as_well(tmp_path: Path) -> None:
    same = {"outline": {"request": "{{ uuid }} Outline of a {{ genre }}.{% if mood %}{% endif %}"}}
    model = Model()
    outcome = await made(work(tmp_path, steps=same, limits={"concurrency": 1}), model)
    assert (model.steps, outcome.records) == ({"outline": 3, "story": 3}, 6)


async def test_what_a_judge_rejects_is_written_again_until_it_is_good(tmp_path: Path) -> None:
    def says(request: Request) -> str:
        if request.step != "verdict":
            return by_name(request)
        return json.dumps(WEAK if "story 0" in request.text else GOOD)

    model = Model(says)
    steps = {"story": {**STORY, "retry": 1}, "verdict": VERDICT}
    outcome = await made(work(tmp_path, steps=steps), model)
    assert (outcome.records, model.steps) == (6, {"outline": 6, "story": 12, "verdict": 12})
    for record in lines(tmp_path):
        assert record["completion"].startswith("story 1")
        assert record["steps"]["verdict"]["scores"] == GOOD
        assert record["key"] == record["steps"]["story"]["key"]


async def test_grades_that_can_not_be_read_are_no_bad_grades(tmp_path: Path) -> None:
    model = Model(lambda request: "I like it." if request.step == "verdict" else by_name(request))
    steps = {"story": {**STORY, "retry": 3}, "verdict": {**VERDICT, "retry": 1}}
    outcome = await made(work(tmp_path, steps=steps), model)
    assert (outcome.rejected, model.steps) == ({"unscored": 6}, {"outline": 6, "story": 6, "verdict": 12})


async def test_whatever_is_asked_again_is_asked_in_other_words(tmp_path: Path) -> None:
    """By gates, judges, for grades that can't be read, and after a drop: else a cache would say the same again."""

    def says(request: Request) -> str:
        if request.step == "verdict":
            return json.dumps(WEAK if "story 0" in request.text else GOOD) if request.take else "I like it."
        return f"{by_name(request)} {len(model.asked)}"

    model = Model(says)
    given = work(tmp_path, steps={"story": {**STORY, "retry": 1}, "verdict": {**VERDICT, "retry": 1}})
    assert (await made(given, model)).records == 6
    assert drop(tmp_path, Selection(match="story")) == 6
    await made(given, model)
    assert model.steps == {"outline": 6, "story": 18, "verdict": 36}
    assert len({(request.text, request.system) for request in model.asked}) == 60


async def test_retry_gives_what_was_rejected_one_more_take(tmp_path: Path) -> None:
    gated = work(tmp_path, steps={"story": {**STORY, "gates": {"words": {"min": 2}}, "retry": 1}})
    await made(gated, Model(lambda request: "short" if request.step == "story" else by_name(request)))
    assert retry(tmp_path, ["words"]) == 6
    model = Model()
    outcome = await made(gated, model)
    assert (model.steps, outcome.records, outcome.failures) == ({"story": 6}, 6, 0)


async def test_a_structured_answer_is_used_by_its_fields_and_a_broken_one_is_asked_for_again(tmp_path: Path) -> None:
    def says(request: Request) -> str:
        if request.step == "outline":
            return json.dumps({"title": "A Title", "acts": ["one", "two"]}) if request.take else "no JSON"
        return request.text

    outline = {**OUTLINE, "schema": {"title": "string", "acts": ["string"]}, "retry": 1}
    story = {"request": "{{ outline.title }}:{% for act in outline.acts %} {{ act }}{% endfor %}"}
    record = {"prompt": "{{ outline.title }}, {{ genre }}", "completion": "{{ story }}", "plan": "{{ outline }}"}
    outcome = await made(work(tmp_path, steps={"outline": outline, "story": story}, record=record), Model(says))
    assert outcome.records == 6
    first = lines(tmp_path)[0]
    assert first["completion"] == "A Title: one two"
    assert json.loads(first["plan"]) == {"title": "A Title", "acts": ["one", "two"]}
    assert first["steps"]["outline"]["value"] == {"title": "A Title", "acts": ["one", "two"]}


async def test_near_duplicates_are_told_by_the_order_in_which_answers_came(tmp_path: Path) -> None:
    words = "the ship sails over the dark sea to the far island and the crew sings of home all night long"

    def says(request: Request) -> str:
        return words if request.step == "story" and not request.take else f"{by_name(request)} {request.text}"

    gated = {"story": {**STORY, "gates": {"duplicate": 0.5}, "retry": 1}}
    model = Model(says)
    outcome = await made(work(tmp_path, steps=gated), model)
    assert (outcome.records, model.steps["story"]) == (6, 11), "one may say it first"
    again = Model()
    assert (await made(work(tmp_path, steps=gated), again)).inventory.there == 6
    assert again.asked == []


async def test_the_model_is_shown_what_was_wrong_where_the_step_says_so(tmp_path: Path) -> None:
    gated = {"story": {**STORY, "gates": {"words": {"min": 2}}, "retry": 1, "retry_with_reason": True}}
    model = Model(lambda request: "short" if request.step == "story" and not request.take else by_name(request))
    assert (await made(work(tmp_path, steps=gated), model)).records == 6
    again = next(request for request in model.asked if request.step == "story" and request.take)
    assert [turn.role for turn in again.turns] == ["user", "assistant", "user"]
    assert again.turns[1].content == "short"
    assert "at least 2" in again.turns[2].content


@pytest.mark.parametrize("after", range(1, 12, 2))
async def test_a_run_that_is_cut_off_goes_on_where_it_was(tmp_path: Path, after: int) -> None:
    model = Model()
    given = work(tmp_path, limits={"concurrency": 2})
    with open_run(given, outside=model.outside) as opened:
        making = asyncio.create_task(opened.make(Ears(), asyncio.get_running_loop().time))
        while len(model.asked) < after:
            await asyncio.sleep(0)
        opened.cancel()
        await asyncio.wait([making])
        making.exception()
    rest = Model()
    outcome = await made(given, rest)
    keys = [answer["key"] for answer in lines(tmp_path, "answers.jsonl")]
    assert len(keys) == len(set(keys)) == 12
    assert (outcome.records, len({record["key"] for record in lines(tmp_path)})) == (6, 6)


@pytest.mark.parametrize("after", [2, 7, 13])
async def test_after_a_kill_the_views_are_completed_and_not_made_anew(
    tmp_path: Path, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def says(request: Request) -> str:
        weak = request.sample.key < "8" and request.take == 0
        return json.dumps(WEAK if weak else GOOD) if request.step == "verdict" else by_name(request)

    def given(name: str) -> Any:
        return work(tmp_path / name, steps={"story": {**STORY, "retry": 1}, "verdict": VERDICT})

    model = Model(says)
    with open_run(given("run"), outside=model.outside) as opened:
        making = asyncio.create_task(opened.make(Ears(), asyncio.get_running_loop().time))
        while len(model.asked) < after:
            await asyncio.sleep(0)
        for name in ("killed", "anew"):
            shutil.copytree(tmp_path / "run", tmp_path / name)
        opened.drain()
        await asyncio.wait([making])
        making.exception()
    with monkeypatch.context() as by_hand, open_run(given("anew")) as opened:
        by_hand.setattr(several_steps, "views_tell", lambda *_: False)
        expected = workflow_of(opened.job.recipe).inventory(opened._store, None)
    monkeypatch.setattr(Views, "make_anew", None)
    with open_run(given("killed")) as opened:
        assert opened.inventory == expected
        assert workflow_of(opened.job.recipe).inventory(opened._store, None) == expected, "and so it was noted"
    for name in ("records.jsonl", "failures.jsonl"):
        assert lines(tmp_path / "killed", name) == lines(tmp_path / "anew", name)


async def test_opening_what_is_complete_looks_at_no_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = work(tmp_path)
    await made(given, Model())
    monkeypatch.setattr(standing, "course", None)
    with open_run(given) as opened:
        assert (opened.inventory.there, opened.inventory.to_make) == (6, 0)


async def test_a_run_that_stops_early_has_told_the_ends_of_those_that_share_its_answers(tmp_path: Path) -> None:
    same = {"outline": {"request": "{{ uuid }} Outline of a {{ genre }}.{% if mood %}{% endif %}"}, "story": None}
    gated = {"outline": {**same["outline"], "gates": {"words": {"min": 90}}}, "story": None}  # type: ignore[dict-item]
    for name, steps in (("failures.jsonl", gated), ("records.jsonl", same)):
        given = work(tmp_path / name, steps=steps, combinations={"limit": 1}, record={"prompt": "{{ mood }}"})
        await made(given, Model())
        told = lines(tmp_path / name, name)
        assert len(told) == 2
        with open_run(given):
            assert lines(tmp_path / name, name) == told


async def test_whoever_only_reads_sees_the_same_records(tmp_path: Path) -> None:
    given = work(tmp_path, steps={"story": {**STORY, "keep": "story | length > 5"}})
    await made(given, Model())
    kept = {record["key"]: record for record in lines(tmp_path)}
    (tmp_path / "records.jsonl").unlink()
    with present_records(tmp_path, given.recipe) as present:
        assert {record["key"]: record for record in present.records()} == kept
    with present_records(tmp_path, None) as present:
        assert {record["key"]: record for record in present.records()} == kept


def test_preview_shows_every_request_with_what_stands_for_the_answers(tmp_path: Path) -> None:
    (first,) = preview(work(tmp_path).recipe, 1)
    assert [said.step for said in first.said] == ["outline", "story"]
    assert first.said[1].request == "Expand: <the answer of outline>"
    assert first.fields["completion"] == "<the answer of story>"


def test_preview_tells_whose_further_takes_have_a_line_more(tmp_path: Path) -> None:
    steps = {"outline": {**OUTLINE, "retry": 1}, "story": {**STORY, "retry": 1}, "verdict": {**VERDICT, "retry": 1}}
    (first,) = preview(work(tmp_path, steps=steps).recipe, 1)
    assert first.headed == ("story", "verdict")
    assert "--- when asked again\nstory, verdict: a line with a new UUID" in str(first)
    (alone,) = preview(work(tmp_path, steps={**steps, "story": STORY, "verdict": None}).recipe, 1)
    assert "asked again" not in str(alone)


def test_plan_counts_the_calls_of_all_steps(tmp_path: Path) -> None:
    told = str(plan(work(tmp_path)))
    assert "6 samples, by 12 requests" in told


@pytest.mark.parametrize(
    ("steps", "place", "what"),
    [
        ({"outline": {"request": "{{ genre }} {{ mood }} {{ story }}"}}, "steps.outline.request", "story -> outline"),
        ({"story": {"request": "Expand: {{ outlin }}"}}, "steps.story.request", "did you mean outline?"),
        ({"aside": {"request": "{{ genre }}"}}, "steps.story", "nothing uses its answer"),
        ({"verdict": {**VERDICT, "judge": "stories"}}, "steps.verdict.judge", "did you mean story?"),
        ({"verdict": {"judge": "story", "keep": "story"}}, "steps.verdict.rubric", "is missing"),
        ({"verdict": {**VERDICT, "request": "{{ outline }}"}}, "steps.verdict.request", "name {{ story }} in it"),
        ({"story": {**STORY, "keep": "1 == 2"}}, "steps.story.keep", "for every answer or for none"),
        ({"story": {**STORY, "keep": "story.title"}}, "steps.story.keep", "a pair of () may be missing"),
        ({"story": {"request": "{{ outline }} {{ story }}"}}, "steps.story.request", "this step's own answer"),
        (
            {"verdict": {**VERDICT, "rubric": {"genre": {"5": "Rich.", "1": "Bare."}}, "keep": "genre > 2"}},
            "steps.verdict.rubric.genre",
            "choose another one",
        ),
        ({"story": {**STORY, "keep": "stori | length > 3"}}, "steps.story.keep", "did you mean story?"),
        ({"story": {**STORY, "keep": "story.titel == 1"}}, "steps.story.keep", "titel"),
        ({"story": {**STORY, "schema": {"title": "text"}}}, "steps.story.schema.title", "is not a form"),
        ({"genre": {"request": "x"}}, "steps.genre", "is the name of an axis"),
        ({"a-b": {"request": "{{ genre }}"}}, "steps", "is not a name for a step"),
        ({"story": {**STORY, "gates": {"word": {"min": 3}}}}, "steps.story.gates.word", "did you mean words?"),
        ({"outline": {**OUTLINE, "retry": -1}, "verdict": VERDICT}, "steps.outline.retry", "at least 0"),
        ({"story": {**STORY, "retry": -1}, "verdict": VERDICT}, "steps.story.retry", "at least 0"),
        ({"outline": {**OUTLINE, "schema": {"a": "text"}}, "story": {"request": "{{ outline.a }}"}}, "outline", "form"),
        (
            {"verdict": {**VERDICT, "rubric": {"detail": {"x": "Rich.", "1": "Bare.", "2": "Thin."}}}},
            "steps.verdict.rubric",
            "not a level",
        ),
    ],
)
def test_mistakes_are_told_with_their_place_and_the_nearest_name(
    tmp_path: Path, steps: dict[str, Any], place: str, what: str
) -> None:
    told = mistakes(work, tmp_path, steps=steps)
    assert told.count("\n") == 0, told
    assert place in told
    assert what in told


async def test_it_goes_on_until_so_many_samples_were_accepted_and_not_further(tmp_path: Path) -> None:
    given = work(
        tmp_path,
        steps={"story": {**STORY, "keep": 'mood == "calm" or genre == "horror"'}},
        combinations={"accepted": 3},
        limits={"concurrency": 2},
    )
    model = Model()
    outcome = await made(given, model)
    assert outcome.records == 3
    assert outcome.records + outcome.failures == model.steps["outline"] <= 5
    again = Model()
    assert (await made(given, again)).records == 3
    assert again.asked == []
    more = work(tmp_path, steps={"story": {**STORY, "keep": 'mood == "calm" or genre == "horror"'}})
    assert (await made(more, Model())).records == 4


async def test_it_goes_on_past_a_sample_whose_fault_nothing_has_confirmed_yet(tmp_path: Path) -> None:
    """A dead letter is made of it once something good has come, or at the end."""

    class Refusing(Model):
        async def send(self, request: Request) -> Reply:
            reply = await super().send(request)
            return reply if len(self.asked) > 1 else replace(reply, outcome=BAD_REQUEST)

    given = work(tmp_path, combinations={"accepted": 1}, limits={"concurrency": 2})
    outcome = await made(given, Refusing())
    assert (outcome.records, outcome.failures) == (1, 1)


async def test_the_limit_bounds_what_is_tried_for_so_many_accepted_samples(tmp_path: Path) -> None:
    never = {"story": {**STORY, "keep": "story | length > 1000"}}
    model = Model()
    outcome = await made(work(tmp_path, steps=never, combinations={"accepted": 3, "limit": 4}), model)
    assert (outcome.records, outcome.failures, model.steps["outline"]) == (0, 4, 4)


def test_the_most_that_a_plan_tells_counts_all_takes(tmp_path: Path) -> None:
    once = plan(work(tmp_path)).forecast.most_usd
    often = plan(work(tmp_path, steps={"outline": {**OUTLINE, "keep": "outline", "retry": 2}})).forecast.most_usd
    judged = {"story": {**STORY, "retry": 1}, "verdict": {**VERDICT, "retry": 1}}
    takes = most_takes(work(tmp_path, steps=judged).recipe)
    assert once is not None
    assert often is not None
    assert 1.2 * once < often < 3 * once
    assert takes == {"outline": 1, "story": 2, "verdict": 4}


def graded_by_take(request: Request) -> str:
    """Outlines are short at first; the judge rejects the first story."""
    if request.step == "verdict":
        return json.dumps(WEAK if "story 0" in request.text else GOOD)
    return "short" if request.step == "outline" and request.take == 0 else by_name(request)


async def test_what_became_of_each_steps_answers_is_the_same_after_a_run_after_another_one_and_counted_anew(
    tmp_path: Path,
) -> None:
    outline, story = {**OUTLINE, "retry": 1, "keep": "outline != 'short'"}, {**STORY, "retry": 1}
    steps = {"outline": outline, "story": story, "verdict": {**VERDICT, "retry": 1}}
    given = work(tmp_path, steps=steps)
    told = {
        "outline": StepFigures(12, {"keep": 6}),
        "story": StepFigures(12, {"verdict": 6}),
        "verdict": StepFigures(12),
    }
    half = (await made(work(tmp_path, steps=steps, combinations={"limit": 2}), Model(graded_by_take))).funnel
    assert half["story"] == StepFigures(4, {"verdict": 2})
    outcome = await made(given, Model(graded_by_take))
    assert outcome.funnel == status(tmp_path).funnel == told
    assert list(outcome.funnel) == list(told)
    (tmp_path / "records.jsonl").write_text("")  # the views are made anew, and so is what is counted with them
    assert (await made(given, Model())).funnel == told
    assert {line.step: (line.answers, line.taken) for line in survey(tmp_path).steps} == {
        "outline": (12, 6), "story": (12, 6), "verdict": (12, 12),
    }  # fmt: skip


async def test_a_changed_gate_counts_anew_what_it_would_have_rejected(tmp_path: Path) -> None:
    await made(work(tmp_path, steps={"story": {**STORY, "retry": 1, "keep": "story == ''"}}), Model())
    by_step = {line.step: line for line in survey(tmp_path, Wanted(recipe=work(tmp_path).recipe)).steps}
    assert (by_step["story"].answers, by_step["story"].rejected, by_step["story"].given_up) == (12, (), 0)
    found = status(tmp_path).funnel
    assert found is not None
    assert found["story"] == StepFigures(12, {"keep": 12}, 6)


async def test_what_was_dropped_is_in_no_figure_before_it_is_counted_anew(tmp_path: Path) -> None:
    await made(work(tmp_path), Model())
    drop(tmp_path, Selection(where=(("genre", "horror"),)))
    assert status(tmp_path).funnel is None
    assert {line.step: line.answers for line in survey(tmp_path).steps} == {"outline": 6, "story": 4}


async def test_each_failure_names_the_step_whose_answers_were_of_no_use(tmp_path: Path) -> None:
    steps = {"story": {**STORY, "keep": "genre != 'horror'"}}
    broken = {"prompt": "{{ 1 / (story | length - LENGTH) }}".replace("LENGTH", str(len(json.dumps(GOOD))))}
    await made(work(tmp_path, steps=steps, record=broken), Model(lambda request: json.dumps(GOOD)))
    assert Counter((line["reason"], line["step"]) for line in lines(tmp_path, "failures.jsonl")) == {
        ("keep", "story"): 2, ("record_template", None): 4,
    }  # fmt: skip


class Fickle(Model):
    """Its replies to those of `genre` are paid and of no use where it has nothing to say."""

    async def send(self, request: Request) -> Reply:
        reply = await super().send(request)
        if isinstance(reply.outcome, Answer) and not reply.outcome.text:
            nothing = Fault("no_text", Action.DEAD, Billing.YES, "no text", 200, usage=Usage(100, 10), unusable=True)
            return replace(reply, outcome=nothing)
        return reply


ONE = {"genre": ["horror"], "mood": ["calm"]}


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (["", "", ""], "no_text"),
        (["", "bad", "bad"], "keep"),
        (["bad", "", ""], "no_text"),
        (["bad", "", "bad"], "keep"),
    ],
)
async def test_a_reply_of_no_use_counts_as_a_take_and_no_more_are_paid_than_the_step_allows(
    tmp_path: Path, said: list[str], reason: str
) -> None:
    gated = {"story": {**STORY, "keep": "story != 'bad'", "retry": 2}}
    saying = iter(said)
    model = Fickle(lambda request: next(saying) if request.step == "story" else "a plot")
    outcome = await made(work(tmp_path, axes=ONE, steps=gated), model)
    assert (outcome.records, outcome.failures, model.steps["story"]) == (0, 1, 3)
    assert len({request.text for request in model.asked}) == 1 + 3, "each is asked in other words"
    (failure,) = lines(tmp_path, "failures.jsonl")
    assert (failure["step"], failure["reason"]) == ("story", reason)
    again = Model()
    await made(work(tmp_path, axes=ONE, steps=gated), again)
    assert again.asked == []
    retry(tmp_path)
    assert (await made(work(tmp_path, axes=ONE, steps=gated), again)).records == 1


@pytest.mark.parametrize(
    ("template", "more"), [("{{ uuid }} {{ genre }} {{ mood }}", 0), ("{{ genre }} {{ mood }}", 38)]
)
async def test_the_only_step_of_a_recipe_without_gates_asks_again_for_what_was_of_no_use(
    tmp_path: Path, template: str, more: int
) -> None:
    """In other words each time, of which the most that a plan tells knows."""
    saying = iter(["", "", "a plot"])
    model = Fickle(lambda _: next(saying))
    request = {"request": template}
    given, once = job(tmp_path, axes=ONE, prompt={**request, "retry": 2}), job(tmp_path, axes=ONE, prompt=request)
    assert plan(given).forecast.most_usd == pytest.approx(3 * ((plan(once).forecast.most_usd or 0) + more / 1e6))
    assert ((await made(given, model)).records, len(model.asked)) == (1, 3)
    assert len({request.text for request in model.asked}) == 3


@pytest.mark.parametrize("shared", [False, True])
async def test_under_a_limit_samples_that_have_a_first_step_go_before_others(tmp_path: Path, shared: bool) -> None:
    outline = {"request": "{{ uuid }} Outline of a {{ genre }}" + ("." if shared else ", {{ mood }}.")}
    last = {"genre": ["mystery"], **({} if shared else {"mood": ["calm", "angry"]})}
    alone = {"outline": outline, "story": None}
    await made(work(tmp_path, axes=last, steps=alone, record={"prompt": "", "completion": "{{ outline }}"}), Model())
    tones = {"story": {"request": "Expand, {{ mood }}: {{ outline }}"}}
    given = work(tmp_path, steps={"outline": outline, **tones}, combinations={"limit": 2})
    assert plan(given).inventory.requests == plan(given).inventory.by_step["story"] == 2
    model = Model()
    assert ((await made(given, model)).records, model.steps) == (2, {"story": 2})
    assert {record["combination"]["genre"] for record in lines(tmp_path)} == {"mystery"}
