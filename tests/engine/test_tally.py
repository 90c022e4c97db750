"""What a run has done, in samples, answers, calls and tokens."""

from __future__ import annotations

from msgspec.structs import replace

from asyncsynth.engine.tally import Tally
from asyncsynth.values import Action, Answer, Answered, Billing, Fault, GivenUp, Request, Row, Sample, Usage

SAMPLE = Sample("0" * 32, {"n": 1}, 0)
REQUEST = Request(SAMPLE, 0, "asked", None)
WELL, UNRENDERED = Row({"n": 1}, 0, {"prompt": "n"}), Row({"n": 2}, 0, {}, "line 1: division by zero")


def answered(*rows: Row, finish_reason: str = "stop") -> Answered:
    return Answered(REQUEST, Answer("text", finish_reason, Usage(5, 7), "m", b"{}"), 1, 1, 0.1, 1e9, rows)


def fault(usage: Usage | None = None) -> Fault:
    return Fault("refusal", Action.DEAD, Billing.YES, "it refused", usage=usage)


def test_an_answer_ends_every_sample_that_shares_it() -> None:
    tally = Tally(to_make=5)
    tally.on_end(answered(WELL, WELL, WELL))
    assert (tally.made, tally.answers, tally.given_up, tally.ended) == (3, 1, 0, 3)
    assert (tally.prompt_tokens, tally.completion_tokens) == (5, 7)


def test_a_record_that_can_not_be_rendered_is_no_record_and_its_sample_has_its_end() -> None:
    tally = Tally(to_make=2)
    tally.on_end(answered(WELL, UNRENDERED))
    assert (tally.made, tally.given_up, tally.ended) == (1, 1, 2)


def test_a_dead_letter_ends_every_sample_that_asked_the_same() -> None:
    tally = Tally(to_make=2)
    tally.on_end(GivenUp(SAMPLE, 0, REQUEST, fault(), 1, 1e9, (WELL, WELL)))
    assert (tally.made, tally.given_up, tally.ended, tally.answers) == (0, 2, 2, 0)


def test_answers_that_were_cut_off_at_max_tokens_are_counted_once_each() -> None:
    tally = Tally()
    tally.on_end(answered(WELL, WELL, finish_reason="length"))
    tally.on_end(answered(WELL))
    assert tally.truncated == 1


def test_answers_whose_tokens_the_endpoint_did_not_count_are_counted_once_each() -> None:
    tally = Tally()
    estimate = Answer("text", "stop", Usage(5, 7, "estimate"), "m", b"{}")
    tally.on_end(replace(answered(WELL, WELL), answer=estimate))
    tally.on_end(answered(WELL))
    assert tally.estimated == 1


def test_tokens_of_answers_that_were_of_no_use_count_too() -> None:
    tally = Tally()
    tally.on_fault(fault(Usage(50, 200)))
    tally.on_fault(fault())
    assert (tally.prompt_tokens, tally.completion_tokens) == (50, 200)
    assert (tally.faults["refusal"], tally.last_fault) == (2, "it refused")
