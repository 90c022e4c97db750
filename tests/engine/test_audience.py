"""Whoever listens to a run can't cost it a call."""

from __future__ import annotations

from asyncsynth.engine.audience import Audience
from asyncsynth.values import Action, Billing, End, Fault

FAULT = Fault("server_error", Action.RETRY, Billing.NO, "500")


class Ears:
    def __init__(self, *, deaf: bool = False) -> None:
        self.deaf, self.heard = deaf, list[str]()

    def on_end(self, end: End) -> None:
        self.heard.append("end")

    def on_trouble(self, fault: Fault) -> None:
        self.heard.append(fault.message)

    def on_note(self, words: str) -> None:
        self.heard.append(words)
        if self.deaf:
            raise BrokenPipeError


def test_everything_is_passed_on() -> None:
    ears = Ears()
    audience = Audience(ears)
    audience.on_trouble(FAULT)
    audience.on_note("words")
    assert ears.heard == ["500", "words"]
    assert audience.gone is None


def test_what_a_listener_raises_is_kept_and_told_once_and_it_hears_no_more() -> None:
    ears, told = Ears(deaf=True), list[str]()
    audience = Audience(ears)
    audience.on_gone = lambda: told.append("gone")
    audience.on_note("first")
    audience.on_note("second")
    audience.on_trouble(FAULT)
    assert ears.heard == ["first"]
    assert told == ["gone"]
    assert isinstance(audience.gone, BrokenPipeError)
