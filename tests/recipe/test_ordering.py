"""Steps come after what they need, in the order of the config where they don't need each other."""

from __future__ import annotations

from typing import Any

from asyncsynth.config import Prompt
from asyncsynth.config.config import steps_of
from asyncsynth.recipe.ordering import circle, in_order, needs_among


def needs(**steps: dict[str, Any]) -> Any:
    return needs_among(steps_of(Prompt(), {name: Prompt(**step) for name, step in steps.items()}))


def test_each_comes_after_what_its_templates_its_condition_and_its_judge_need() -> None:
    found = needs(
        verdict={"judge": "story", "rubric": {}},
        story={"request": "{{ outline }}", "keep": "story | length > title | length"},
        outline={"request": "x"},
        title={"request": "y"},
    )
    assert in_order(found) == ["outline", "title", "story", "verdict"]
    assert found["story"].asked == ("outline",), "what only a condition needs is no part of what is asked"
    assert found["verdict"].asked == ("story",)


def test_those_that_need_nothing_stay_in_the_order_of_the_config() -> None:
    assert in_order(needs(b={"request": "x"}, a={"request": "y"}, c={"request": "{{ b }}"})) == ["b", "a", "c"]


def test_a_circle_is_found_and_told_from_where_it_begins_to_where_it_ends() -> None:
    found = needs(a={"request": "{{ c }}"}, b={"request": "{{ a }}"}, c={"request": "{{ b }}"}, d={"request": "x"})
    assert in_order(found) == ["d"]
    around = circle(found)
    assert around[0] == around[-1]
    assert set(around) == {"a", "b", "c"}
    assert circle(needs(a={"request": "x"})) == []


def test_a_template_that_can_not_be_read_needs_nothing() -> None:
    assert needs(a={"request": "{{ b"}, b={"request": "x"})["a"].after == ()
