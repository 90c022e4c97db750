"""Promises of recipe.rendering: the same text by the quick way as by Jinja2, and errors with their line."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncsynth.errors import UsageError
from asyncsynth.recipe.render_errors import described
from asyncsynth.recipe.rendering import Template
from asyncsynth.recipe.sandbox import TemplateSandbox
from asyncsynth.values import Value

SANDBOX = TemplateSandbox()
texts = st.text(st.characters(codec="utf-8"))
values = texts | st.integers() | st.booleans() | st.floats() | st.dictionaries(texts, texts | st.integers(), min_size=1)
# No "{" before "{", "%" or "#": those begin something of Jinja2's. It writes every line end as "\n".
plain_texts = texts.filter(lambda text: "{" not in text and "\r" not in text)
braces = st.sampled_from(["{", "}", "{}", "{0}", "{genre}", "}}", "{ {", "%s", "%(genre)s", "{!r}"])


@given(data=st.data(), genre=values, place=values, uuid=texts)
def test_text_and_names_render_as_in_jinja(data: st.DataObject, genre: Value, place: Value, uuid: str) -> None:
    names = st.sampled_from(["{{ genre }}", "{{place}}", "{{ uuid }}"])
    parts = data.draw(st.lists(plain_texts | braces.map(lambda brace: f" {brace} ") | names))
    source = " ".join(parts)
    template = Template(SANDBOX, "prompt.request", source, {"genre": (genre,), "place": (place,)})
    by_jinja = SANDBOX.from_string(source).render(genre=genre, place=place, uuid=uuid)

    assert template.render({"genre": genre, "place": place, "uuid": uuid}) == by_jinja


@pytest.mark.parametrize("tail", ["", " ", "\n", " \n", "\n\n", "\t", " \n \n"])
@pytest.mark.parametrize("end", ["{{ genre }}", "{{ genre | upper }}", "text", "{% if genre %}x{% endif %}"])
def test_trailing_blanks_are_kept_exactly(tail: str, end: str) -> None:
    text = Template(SANDBOX, "record.prompt", end + tail, {"genre": ("G",)}).render({"genre": "G", "uuid": ""})

    assert text in {f"G{tail}", f"text{tail}", f"x{tail}"}


def test_names_are_those_that_are_looked_up_with_the_line_of_their_first_use() -> None:
    source = "{% set mood = genre %}\n{{ mood }}{% for x in places %}\n{{ x }}{{ genre }}{{ uuid }}{% endfor %}"

    assert Template(SANDBOX, "prompt.request", source, {}).names == {"genre": 1, "places": 2, "uuid": 3}


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("one\n\n{{ place.nane }}", "line 3: the table has no field 'nane'"),
        ("one\n{% if true %}\n{{ 1 / 0 }}{% endif %}", "line 3: division by zero"),
        ("{{ genre.split('-')[3] }}", "line 1: list object has no element 3"),
        ("{{ genre + 1 }}", 'line 1: can only concatenate str (not "int") to str'),
        ("{{ other | upper }}", "line 1: 'other' is undefined"),
        ("{{ other }}", "line 1: 'other' is undefined"),
        ("{{ '\\ud800' }}", "'utf-8' codec can't encode character '\\ud800' in position 0: surrogates not allowed"),
    ],
)
def test_an_error_names_the_template_its_line_and_the_combination(source: str, what: str) -> None:
    values: dict[str, Value] = {"genre": "horror", "place": {"name": "India"}}
    template = Template(SANDBOX, "record.prompt", source, {name: (value,) for name, value in values.items()})

    with pytest.raises(UsageError) as caught:
        template.render_sample({**values, "uuid": ""})
    assert caught.value.message == f'record.prompt: {what} (with genre = "horror", place = {{"name": "India"}})'
    assert "preview" in caught.value.hint


LONG = "a" * 2_400_000


@pytest.mark.parametrize(
    "source",
    [
        "{{ genre }}{{ genre }}",
        "{{ genre | upper }}{{ genre | upper }}",
        "{{ genre }}{{ genre | upper }}",
        "{% if true %}{{ genre }}{{ genre }}{% endif %}",
        "{{ uuid }}{{ uuid }}",
    ],
)
def test_a_text_that_is_too_long_is_an_error(source: str) -> None:
    for genre, fits in ((LONG, True), (LONG + "a" * 200_000, False)):
        template = Template(SANDBOX, "prompt.request", source, {"genre": (genre,)})
        values: dict[str, Value] = {"genre": genre, "uuid": genre}
        if fits:
            assert len(template.render(values)) == 4_800_000
        else:
            with pytest.raises(UsageError, match="a text of 5,200,000 characters; at most 5,000,000 are possible"):
                template.render_sample(values)


@pytest.mark.parametrize("expression", ["genre", "genre | upper", "genre.name", "uuid"])
def test_a_text_that_is_too_long_takes_no_memory(expression: str) -> None:
    """Two gigabytes, if it were made before it is measured."""
    genre: Value = {"name": LONG} if "." in expression else LONG
    template = Template(SANDBOX, "prompt.request", f"{{{{ {expression} }}}}" * 1000, {"genre": (genre,)})
    tracemalloc.start()
    try:
        with pytest.raises(UsageError, match="characters"):
            template.render_sample({"genre": genre, "uuid": LONG})
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 100_000_000


def test_an_error_without_words_is_named_by_its_type() -> None:
    assert described(MemoryError()) == "MemoryError"


def test_a_long_value_is_cut_in_a_message() -> None:
    page: dict[str, Value] = {"page": {"text": "a\n" * 100_000}}
    template = Template(SANDBOX, "prompt.request", "{{ page.nane }}", {"page": (page["page"],)})

    with pytest.raises(UsageError) as caught:
        template.render_sample({**page, "uuid": ""})
    assert len(caught.value.message) < 300
