"""The model of several steps, in states that few seeds come to."""

from __future__ import annotations

from asyncsynth.config import Limits
from tests.simulation.books import Books
from tests.simulation.models import model_of
from tests.simulation.scenario import draw
from tests.simulation.steps_wish import StepsWish
from tests.simulation.wish import job_for


def test_a_sample_has_its_end_by_a_dead_letter_behind_any_of_its_takes() -> None:
    """Whichever story is the newer one: it may have been rejected by the gates that led to the other one's title."""
    wish = StepsWish(1, 1, ("calm",), "title", retries=(0, 1, 0))
    model, books = model_of(wish, job_for(wish, draw(0).setting, Limits())), Books()
    for _ in ("outline", "stories"):
        books = Books(answers={key: {"step": "", "text": "It rains."} for key in model.may_be_asked(books)})
    titles = model.may_be_asked(books) - books.answers.keys()
    assert (len(titles), model.ended(books)) == (2, 0)
    assert [model.ended(Books(answers=books.answers, dead={title: {}})) for title in titles] == [1, 1]
