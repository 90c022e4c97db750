from __future__ import annotations

from typing import Any

import pytest

from asyncsynth.provider.finish import UNKNOWN, Finish, finish_of

WORDS = {
    Finish.WHOLE: [
        "stop", "STOP", "Stop", "eos", "eos_token", "EOS", "end_turn", "END_TURN", "stop_sequence", "stop-sequence",
        "COMPLETE", "completed", "FINISH_REASON_STOP", "normal", "endTurn",
    ],
    Finish.CUT: [
        "length", "LENGTH", "max_tokens", "MAX_TOKENS", "MaxTokens", "maxTokens", "max_output_tokens", "token_limit",
        "FINISH_REASON_MAX_TOKENS", "model_length", "model_context_window_exceeded", "max-tokens", "max_length",
    ],
    Finish.FILTERED: [
        "content_filter", "CONTENT_FILTER", "content-filter", "content_filter: OTHER", "content_filtered", "SAFETY",
        "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE", "sensitive", "guardrail_intervened",
        "ERROR_TOXIC", "IMAGE_SAFETY", "moderation",
    ],
    Finish.REFUSED: ["refusal", "REFUSAL", "refused"],
    Finish.BROKEN: [
        "error", "ERROR", "abort", "aborted", "cancelled", "canceled", "insufficient_system_resource", "network_error",
        "timeout", "OTHER", "MALFORMED_RESPONSE", "MALFORMED_FUNCTION_CALL", "failed", "incomplete", "pause_turn",
        "preempted",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "word"), [(kind, word) for kind, words in WORDS.items() for word in words])
def test_a_word_of_any_service_in_any_spelling_is_known(kind: Finish, word: str) -> None:
    assert finish_of(word)[1] is kind


@pytest.mark.parametrize("word", WORDS[Finish.CUT])
def test_an_answer_that_was_cut_is_named_alike_whoever_cut_it(word: str) -> None:
    assert finish_of(word)[0] == "length"


def test_a_whole_answer_is_named_alike_and_the_others_keep_their_words() -> None:
    assert {finish_of(word)[0] for word in WORDS[Finish.WHOLE]} == {"stop"}
    assert finish_of("SAFETY")[0] == "SAFETY"
    assert finish_of("tool_calls") == ("tool_calls", Finish.WHOLE)


@pytest.mark.parametrize("word", ["vibes", "", "  ", "FINISH_REASON_UNSPECIFIED", "stop it now"])
def test_an_unknown_word_is_unclear_and_kept(word: str) -> None:
    assert finish_of(word) == (word.strip() or UNKNOWN, Finish.UNCLEAR)


@pytest.mark.parametrize("word", [None, 5, ["stop"], {"reason": "stop"}, True], ids=repr)
def test_what_is_no_word_is_unclear(word: Any) -> None:
    assert finish_of(word) == (UNKNOWN, Finish.UNCLEAR)
