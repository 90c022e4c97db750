from __future__ import annotations

import pytest

from asyncsynth.servers.simulator.faults import DEFAULT_MIXTURE, FAULTS, Effect, FaultKind

# The rule, written a second time on purpose: billed is what happens after the model worked.
BILLED = {
    *("reset_after", "truncated", "bad_json", "slow", "content_filter", "refusal", "empty_choices", "null_content"),
    *("length", "usage_missing", "lone_surrogate", "huge_integer", "hang", "compressed_bomb"),
    *("empty_body", "reasoned_away", "broken_off"),
    *("done_after_json", "comments_first", "event_stream", "reasoned_apart"),
    *("prompt_blocked", "error_in_choice", "fenced", "prose_around", "cut_short", "wrong_type"),
    *("form_missed_400", "refuses_in_words", "fragment", "same_again", "low_grades", "high_grades"),
}
ANSWERED = {
    *("slow", "length", "usage_missing", "lone_surrogate", "huge_integer"),
    *("done_after_json", "comments_first", "event_stream", "reasoned_apart"),
    *("fenced", "prose_around", "cut_short", "wrong_type"),
    *("refuses_in_words", "fragment", "same_again", "low_grades", "high_grades"),
}


@pytest.mark.parametrize("kind", FaultKind)
def test_billed_is_what_happens_after_the_model_worked(kind: FaultKind) -> None:
    assert FAULTS[kind].billed == (kind in BILLED)
    assert FAULTS[kind].answered == (kind in ANSWERED)
    assert FAULTS[kind].waits or not FAULTS[kind].billed


@pytest.mark.parametrize("kind", FaultKind)
def test_a_status_in_a_name_is_the_status_sent(kind: FaultKind) -> None:
    number = kind.rpartition("_")[2]
    if number.isdigit() and kind is not FaultKind.ERROR_IN_200:
        assert FAULTS[kind].status == int(number)
    assert (FAULTS[kind].status is None) == (FAULTS[kind].effect in {Effect.RESET, Effect.HANG})


def test_the_default_mixture_is_the_one_that_is_documented() -> None:
    documented = (
        "rate_limited_429 server_error_500 unavailable_503 reset_before reset_after truncated bad_json html slow"
    )
    assert list(DEFAULT_MIXTURE) == documented.split()
