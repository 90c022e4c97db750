"""Labels are cut out of a text; the rest of it stays as it is."""

from __future__ import annotations

from asyncsynth.quality.cleaning import Cleaning


def test_expressions_are_cut_out_one_after_the_other() -> None:
    cleaning = Cleaning([r"^\*\*(.*?):\*\* *", r"^Story\s*", r"(?i)\s*the end\.?\s*\z"])
    assert (
        cleaning.cleaned("**Title:** Story\n Once, **there** was a dog.\n\nTHE END. \n") == "Once, **there** was a dog."
    )


def test_without_expressions_a_text_stays_as_it_is() -> None:
    assert Cleaning([]).cleaned(" x \n") == " x \n"
