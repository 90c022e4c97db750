from __future__ import annotations

from asyncsynth.servers.simulator.requests import prompt_id
from asyncsynth.servers.simulator.stats import Stats

UUID = "3f0c9a52-1111-2222-3333-444455556666"


def stats_of(*prompts: str, kept_texts: int = 10) -> Stats:
    stats = Stats(kept_texts)
    for prompt in prompts:
        stats.asked(prompt_id(prompt), prompt)
    return stats


def test_counts_are_by_exact_prompt() -> None:
    stats = stats_of("a", "a", "a ")
    stats.bill(prompt_id("a"), 3, 4, None)
    assert stats.by_prompt() == {
        prompt_id("a").hex(): {"asked": 2, "answered": 0, "billed": 1},
        prompt_id("a ").hex(): {"asked": 1, "answered": 0, "billed": 0},
    }


def test_texts_are_kept_up_to_the_bound() -> None:
    shown = stats_of(f"{UUID}\nfirst", "second", "third", kept_texts=2).by_prompt(texts=True)
    assert [entry.get("text") for entry in shown.values()] == [f"{UUID}\nfirst", "second", None]
    assert [entry.get("uuid") for entry in shown.values()] == [UUID, None, None]


def test_a_text_with_a_lone_surrogate_can_be_shown() -> None:
    assert stats_of("\ud83d").by_prompt(texts=True).popitem()[1]["text"] == "?"


def test_the_bill_is_null_without_a_price_and_exact_with_one() -> None:
    stats = stats_of("a")
    stats.bill(prompt_id("a"), 1, 1, None)
    assert stats.totals()["billed_usd"] is None
    for _ in range(3):
        stats.bill(prompt_id("a"), 10, 20, 100_000)
    assert stats.totals()["billed_usd"] == 0.0000003
    assert (stats.totals()["prompt_tokens"], stats.totals()["completion_tokens"]) == (31, 61)
