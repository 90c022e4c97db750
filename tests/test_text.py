"""Foreign text reaches no terminal raw."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from asyncsynth.text import printable, printable_line

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
