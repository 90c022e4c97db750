"""Names of files made of values: whatever the values are, safe, told apart, and readable."""

from __future__ import annotations

import unicodedata
from itertools import islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asyncsynth.outputs.file_names import file_names

KEY = "0123456789abcdef0123456789abcdef"


def best(*values: Any) -> str:
    return next(file_names({str(number): value for number, value in enumerate(values)}, KEY))


@pytest.mark.parametrize(
    ("values", "name"),
    [
        (("science fiction", "India", "the 1990s"), "science-fiction_india_the-1990s"),
        (("romance & comedy",), "romance-comedy"),
        (("../../etc/passwd", "a/b\\c"), "etc-passwd_a-b-c"),
        (("CON", "nul."), "con_nul"),
        (("🎬 🎭", "film"), "film"),
        (("&", "..", " "), "sample"),
        (("Été", "ÉTÉ"), "été_été"),
        (("हिन्दी", "Straße"), "हिन्दी_strasse"),
        (("x" * 300, "y"), f"{'x' * 40}_y"),
        (({"name": "India", "told": True}, 1990), "india-true_1990"),
        (("a\0b\nc\u202ed",), "a-b-c-d"),
    ],
)
def test_a_name_is_made_of_the_values(values: tuple[Any, ...], name: str) -> None:
    assert best(*values) == f"{unicodedata.normalize('NFC', name)}_01234567"


@settings(max_examples=50)
@given(st.lists(st.text(max_size=20), min_size=1, max_size=4))
def test_no_value_makes_an_unsafe_name(values: list[str]) -> None:
    for name in islice(file_names(dict(zip("abcdef", values, strict=False)), KEY), 4):
        assert len(f"{name}.txt".encode()) <= 150
        assert name[0] not in "-_."
        assert name[-1] != "."
        assert all(character in "_-" or unicodedata.category(character)[0] in "LMN" for character in name)
        assert name.split(".")[0].lower() not in {"con", "prn", "aux", "nul", "com1", "lpt1"}
        assert name == unicodedata.normalize("NFKC", name.casefold()), "no other case, no other form of the same name"


def test_there_is_always_another_name() -> None:
    found = list(islice(file_names({"a": "x"}, KEY), 5))
    assert found == ["x_01234567", f"x_{KEY}", f"x_{KEY}-2", f"x_{KEY}-3", f"x_{KEY}-4"]
