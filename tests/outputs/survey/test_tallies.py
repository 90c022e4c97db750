"""What is counted over all records."""

from __future__ import annotations

from asyncsynth.outputs.survey.frequent import Frequent
from asyncsynth.outputs.survey.tallies import CostTally, LengthTally, OpeningTally, ScoreTally
from asyncsynth.outputs.survey.values import Bin, Cost, Counted, Openings


def test_lengths_are_in_bins_of_a_round_width() -> None:
    tally = LengthTally()
    for words in (3, 7, 7, 101):
        tally.add(words, truncated=words == 101)
    found = tally.found()
    assert found is not None
    assert (found.shortest, found.median, found.longest, found.truncated) == (3, 7, 101, 1)
    assert [each for each in found.bins if each.texts] == [Bin(0, 4, 1), Bin(5, 9, 2), Bin(100, 104, 1)]
    assert LengthTally().found() is None


def test_openings_are_counted_whatever_their_case_and_single_ones_are_left_out() -> None:
    tally = OpeningTally()
    for text in ("Once upon a time", "once  upon a\nhill", "In the end", ""):
        tally.add(text)
    assert tally.found() == Openings(3, (Counted("once upon a", 2),))


def test_what_is_frequent_is_known_among_any_number_of_rare_things() -> None:
    frequent = Frequent(most=100)
    for number in range(10_000):
        frequent.add(str(number))
        if number % 20 == 0:
            frequent.add("often")
    assert frequent.top(1) == [("often", 500)]


def test_money_is_unknown_where_a_part_of_it_is() -> None:
    tally = CostTally()
    for cost in (0.5, None):
        tally.add(
            {"model": "m", "usage": {"prompt_tokens": 3, "completion_tokens": 4}, "cost_usd": cost, "latency_s": 2}
        )
    assert tally.found() == (Cost("", "m", 2, 6, 8, None, 4.0),)


def test_a_recipe_of_several_steps_has_the_cost_of_each() -> None:
    told = {"model": "m", "usage": {"prompt_tokens": 3, "completion_tokens": 4}, "cost_usd": 1.0, "latency_s": 2.0}
    tally = CostTally()
    tally.add({**told, "steps": {"outline": told, "story": {**told, "model": "large", "cost_usd": 2.0}}})
    assert [(cost.step, cost.model, cost.cost_usd) for cost in tally.found()] == [
        ("story", "large", 2.0),
        ("outline", "m", 1.0),
    ]


def test_scores_have_every_step_of_the_scale() -> None:
    tally = ScoreTally()
    for score in (5, 3):
        tally.add({"steps": {"verdict": {"scores": {"detail": score}}}})
    (score_,) = tally.found()
    assert (score_.step, score_.line, score_.mean) == ("verdict", "detail", 4)
    assert score_.counts == {"1": 0, "2": 0, "3": 1, "4": 0, "5": 1}
