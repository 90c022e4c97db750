"""What would be sent and kept, as a person reads it before any money is spent."""

from __future__ import annotations

from pathlib import Path

from asyncsynth.app.preview import COMPLETION, preview
from tests.app.jobs import job, one_step

FAILS_FOR_A_PAIR = "{% if genre == 'romance' and mood == 'angry' %}{{ genre.name }}{% endif %}"


def test_the_first_samples_are_rendered_in_the_order_in_which_they_are_made(tmp_path: Path) -> None:
    recipe = one_step(job(tmp_path, prompt__system="Be brief about {{ genre }}."))
    shown = list(preview(recipe, 3))
    samples = [sample for sample, _ in zip(recipe.samples(), range(3), strict=False)]
    assert [each.key for each in shown] == [sample.key for sample in samples]
    for each, sample in zip(shown, samples, strict=True):
        request = recipe.request(sample)
        assert [(said.request, said.system) for said in each.said] == [(request.text, request.system)]
        assert each.fields == recipe.fields(sample, COMPLETION)
        assert f"--- request\n{request.text}\n--- training prompt\n" in str(each)
        assert f"--- completion\n{COMPLETION}" in str(each)


def test_no_more_is_shown_than_there_is(tmp_path: Path) -> None:
    assert len(list(preview(job(tmp_path).recipe, 1000))) == 6


def test_a_request_that_can_not_be_rendered_is_shown_as_that_and_the_others_as_they_are(tmp_path: Path) -> None:
    recipe = job(tmp_path, prompt={"request": "{{ genre }} {{ mood }}" + FAILS_FOR_A_PAIR}).recipe
    problems = [each for each in preview(recipe, 6) if each.problem is not None]
    assert len(problems) == 1
    assert "can't be rendered" in str(problems[0])
    assert 'genre = "romance"' in str(problems[0])


def test_a_request_that_fails_for_its_uuid_alone_is_shown_as_that(tmp_path: Path) -> None:
    fails = "{{ genre }} {{ mood }} {{ 1 // (8 - (uuid[-1:] | int(1))) }}"  # where the last digit is 8
    shown = list(preview(job(tmp_path, prompt={"request": fails}, combinations={"repeats": 25}).recipe, 150))
    assert len(shown) == 150
    assert 0 < len([each for each in shown if each.problem is not None]) < 30


def test_a_record_that_can_not_be_rendered_is_shown_with_its_request(tmp_path: Path) -> None:
    shown = list(preview(job(tmp_path, record={"prompt": "{{ genre }}" + FAILS_FOR_A_PAIR}).recipe, 6))
    (problem,) = [each for each in shown if each.problem is not None]
    assert problem.said
    assert problem.fields == {}


def test_dialogues_and_further_fields_are_shown_under_their_names(tmp_path: Path) -> None:
    record = {
        "messages": [
            {"role": "user", "content": "{{ genre }}é?"},
            {"role": "assistant", "content": "{{ completion }}"},
        ],
        "note": "{{ mood }}",
    }
    told = str(next(preview(job(tmp_path, record=record).recipe, 1)))
    assert '"role": "user"' in told
    assert "é?" in told
    assert "--- note\n" in told


def test_a_dialogue_is_shown_turn_by_turn(tmp_path: Path) -> None:
    said = [
        ("system", "Be brief."),
        ("user", "A plot?"),
        ("assistant", "In space."),
        ("user", "{{ genre }}, {{ mood }}."),
    ]
    messages = [{"role": role, "content": content} for role, content in said]
    (shown,) = preview(job(tmp_path, prompt={"messages": messages}).recipe, 1)
    request = "--- request\nuser: A plot?\n\nassistant: In space.\n\nuser: "
    assert f"--- system\nBe brief.\n{request}" in str(shown)
