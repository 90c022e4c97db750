"""What becomes of the answers of each step: counted, noted and read again."""

from __future__ import annotations

from asyncsynth.store.funnel import Funnel, Passage, StepFigures, figures_line, figures_of, in_order

STORY = (Passage("story", "came"), Passage("story", "rejected", "words"), Passage("story", "given_up"))


def test_figures_go_on_from_those_that_were_noted() -> None:
    before = Funnel()
    before.add(STORY)
    after = Funnel(figures_of(figures_line(before.figures)))
    after.add([*STORY, Passage("story", "rejected", "verdict"), Passage("outline", "came")])
    assert after.figures == {"story": StepFigures(2, {"words": 2, "verdict": 1}, 2), "outline": StepFigures(1)}


def test_they_are_told_in_the_order_of_the_recipe_a_dialogue_by_its_sides() -> None:
    figures = {"story": StepFigures(1), "chat": StepFigures(2), "chat.user": StepFigures(3)}
    assert list(in_order(figures, {"steps": {"chat": {}, "story": {}}})) == ["chat", "chat.user", "story"]
