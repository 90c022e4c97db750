"""Foreign text reaches no terminal raw."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncsynth.text import count, duration, money, printable, printable_line

BIDI_CONTROLS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


@given(st.text(alphabet=st.characters()))
def test_no_control_and_no_bidi_character_gets_through(text: str) -> None:
    kept = printable(text)
    assert not [
        one
        for one in kept
        if (unicodedata.category(one) in ("Cc", "Cs") and one not in "\n\t")
        or unicodedata.bidirectional(one) in BIDI_CONTROLS
    ]


def test_an_escape_sequence_is_harmless_and_letters_stay() -> None:
    assert printable("a\x1b[2Jb\x9b31mc\u202ed é 漢 🙂\n") == "a[2Jb31mcd é 漢 🙂\n"


def test_a_lone_surrogate_is_replaced() -> None:
    assert printable("a\ud800b") == "a?b"


def test_a_line_is_one_line_and_short() -> None:
    assert printable_line("a\nb\tc\r\n" + "x" * 500, limit=10) == "a b c xxx…"
    assert "\n" not in printable_line("a\u2028b\nc")


@pytest.mark.parametrize(
    ("usd", "shown"),
    [
        (None, "price unknown"),
        (0, "$0.00"),
        (1e-12, "$0.0000000000010"),
        (0.0000206, "$0.000021"),
        (0.01234, "$0.0123"),
        (1.5, "$1.50"),
        (1234.5, "$1,234.50"),
    ],
)
def test_money_is_shown_and_an_unknown_price_is_never_zero(usd: float | None, shown: str) -> None:
    assert money(usd) == shown


@pytest.mark.parametrize(("seconds", "shown"), [(None, "-"), (3, "0:03"), (123.4, "2:03"), (3723, "1:02:03")])
def test_a_duration_is_shown(seconds: float | None, shown: str) -> None:
    assert duration(seconds) == shown


@pytest.mark.parametrize(("number", "shown"), [(0, "0 samples"), (1, "1 sample"), (12345, "12,345 samples")])
def test_a_count_agrees_with_its_noun(number: int, shown: str) -> None:
    assert count(number, "sample") == shown
