"""What came in a run is there for samples that share it, whether its text is still in memory or not."""

from __future__ import annotations

import pytest

from asyncsynth.engine import live as live_module
from asyncsynth.engine.live import AsItWas, Live
from asyncsynth.store.answers import StoredAnswer
from asyncsynth.values import GivenUp, Sample
from tests.engine.test_course import Shelf, stored


class Files(Shelf):
    """`written`: what is in them by this run."""

    def __init__(self, texts: dict[str, str] | None = None, dead: str = "") -> None:
        super().__init__(texts, dead=dead)
        self.written: list[str] = []

    def write(self, answer: StoredAnswer) -> None:
        self._texts[answer.key] = answer.text
        self.written.append(answer.key)

    def came(self, key: str) -> bool:
        return key in self.written

    def given_up(self, key: str, sample: Sample, step: str) -> GivenUp:
        raise AssertionError("nobody asks")


@pytest.fixture
def few_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "AT_HAND", 25)


@pytest.mark.usefixtures("few_at_hand")
def test_texts_that_are_in_the_files_are_not_kept_but_for_those_that_were_asked_for_last() -> None:
    files = Files()
    live = Live(files, (), is_empty=False)
    for key in ("one", "two", "three"):
        answer = stored(key, "ten bytes.")
        files.write(answer)
        live.add(key, answer)
        live.answer("one")
    assert list(live._at_hand) == ["three", "one"]
    assert [read is not None and read().text for read in map(live.answer, ("one", "two"))] == ["ten bytes."] * 2
    assert live.answer("four") is None


@pytest.mark.usefixtures("few_at_hand")
def test_a_text_that_is_not_written_yet_is_kept_whatever_its_size() -> None:
    live = Live(Files(), (), is_empty=False)
    for key in ("one", "two"):
        live.add(key, stored(key, "very long. " * 10))
    assert all(live.answer(key) for key in ("one", "two"))


@pytest.mark.usefixtures("few_at_hand")
def test_it_tells_apart_what_came_in_this_run_and_what_was_there() -> None:
    files = Files({"old": "a plot"}, dead="lost")
    live = Live(files, ("asked",), is_empty=False)
    before = AsItWas(files, live)
    for key in ("new", "newer", "asked"):
        files.write(stored(key, "a rather long plot"))
    live.add("new", stored("new", "a rather long plot"))
    live.add("newer", stored("newer", "a rather long plot"))
    told = []
    for key in ("old", "new", "newer", "asked"):
        live.told = False
        told.append((live.answer(key) is not None, live.told, before.answer(key) is not None))
    assert told == [(True, False, True), (True, True, False), (True, True, False), (False, False, False)]
    assert live.is_dead("lost")
    assert before.is_dead("lost")
