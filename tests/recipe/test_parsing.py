from __future__ import annotations

import pytest
from jinja2 import TemplateSyntaxError

from asyncsynth.recipe.parsing import names_of, parsed, rendering
from asyncsynth.recipe.sandbox import TemplateSandbox

# With all that a budget is put around.
SOURCE = "{% for letter in name[1:] %}{{ letter ~ sep }}{% endfor %}\n{{ other }}"


def test_a_text_is_parsed_and_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rendered = rendering(TemplateSandbox(), SOURCE)
    for work in ("_parse", "_generate", "_compile"):
        monkeypatch.delattr(f"jinja2.environment.Environment.{work}")
    again = rendering(TemplateSandbox(), SOURCE)
    values = {"name": "abc", "sep": "-", "other": 1}
    assert rendered(values) == again(values) == "b-c-\n1"


def test_what_is_shared_stays_as_it_was_parsed() -> None:
    before = repr(TemplateSandbox().parsed(SOURCE))
    rendering(TemplateSandbox(), SOURCE)
    assert repr(parsed(SOURCE)) == before


def test_names_come_with_the_line_of_their_first_use() -> None:
    assert names_of(SOURCE) == {"name": 1, "sep": 1, "other": 2}


def test_what_cannot_be_read_is_told_each_time() -> None:
    for _ in range(2):
        with pytest.raises(TemplateSyntaxError):
            parsed("{{ name")
