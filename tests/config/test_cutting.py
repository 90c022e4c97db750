"""What is cut out is what the same expression finds, in all alphabets; what RE2 would take otherwise is refused."""

from __future__ import annotations

import time

import pytest

from asyncsynth.config.cutting import cutter

CUT = [
    (r"^(Title|Story):\s*", "Title:\u00a0 x", "x"),
    (r"\*\*", "**bold** x", "bold x"),
    (r"(?i)\bnote:[^\S\n]*", "NOTE:\u3000x\nnote: y", "x\ny"),
    (r"^\w+: ", "Итог: да", "да"),
    (r"[\W\d]", "a1é!٣ b", "aéb"),
    (r"[^\W\d]", "a1é!٣b", "1!٣"),
    (r"\s+\z", "x \u2003\n ", "x"),
    (r"[[:alpha:]]+", "ab1é", "1é"),
    (r"(?s)^.*</think>\s*", "hm\n</think>\nfine", "fine"),
    (r"x*", "axb", "ab"),
]


@pytest.mark.parametrize(("expression", "text", "left"), CUT)
def test_what_is_found_is_cut_out(expression: str, text: str, left: str) -> None:
    assert cutter(expression)(text) == left


REFUSED = [
    (r"\bИтог", r"\b knows only English letters where something is cut out; leave it out"),
    ("[a-z&&[^aeiou]]", "&& inside of [...] can't be cut out; for the character itself write \\&"),
    ("[a[b]]", "[ inside of [...] can't be cut out; for the character itself write \\["),
    (r"\p{Letter}", r"can't be cut out: invalid character class range: \p{Letter}"),
    ("(", 'is not a regular expression: unclosed group at "("'),
]


@pytest.mark.parametrize(("expression", "told"), REFUSED)
def test_what_both_engines_do_not_take_alike_is_refused(expression: str, told: str) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        cutter(expression)
    assert str(raised.value) == told


def test_what_hangs_elsewhere_takes_no_time() -> None:
    cut = cutter(r"(\s+)+x|(\s|\s\s)+$")
    began = time.process_time()
    assert cut("a" + " " * 50_000 + "b") == "a" + " " * 50_000 + "b"
    assert cut("a" + " " * 50_000) == "a"
    assert time.process_time() - began < 2
