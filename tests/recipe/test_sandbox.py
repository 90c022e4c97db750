"""Promises of recipe.sandbox: no way out, nothing that differs between two processes, no endless work."""

from __future__ import annotations

from typing import Any

import pytest
from jinja2 import TemplateError, UndefinedError
from jinja2.exceptions import SecurityError

from asyncsynth.recipe.sandbox import TemplateSandbox


def doubling(expression: str) -> str:
    return f"{{% set n = namespace(s='a') %}}{{% for i in range(90) %}}{{% set n.s = {expression} %}}{{% endfor %}}"


RUNAWAYS = {
    "range": "{% for i in range(10**9) %}x{% endfor %}",
    "nested loops": "{% for i in range(9999) %}{% for j in range(9999) %}{% endfor %}{% endfor %}",
    "nested loops over text": "{% set s = 'x' * 9999 %}{% for i in s %}{% for j in s %}{{ i }}{% endfor %}{% endfor %}",
    "calls": "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}",
    "endless recursion": "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "text times number": "{{ 'a' * 10**10 }}",
    "number times text": "{{ 10**10 * 'a' }}",
    "list times number": "{{ ([1] * 10**10) | length }}",
    "power": "{{ 10 ** (10 ** 10) }}",
    "doubling by ~": doubling("n.s ~ n.s"),
    "doubling by +": doubling("n.s + n.s"),
    "doubling by join": doubling("[n.s, n.s] | join"),
    "long text in steps": "{% for i in range(9999) %}{{ 'a' * 9999 }}{% endfor %}",
    "center": "{{ 'a' | center(10**10) }}",
    "indent": "{{ 'a\nb' | indent(width=10**10) }}",
    "batch": "{{ [1] | batch(10**10, 0) | list }}",
    "ljust": "{{ 'a'.ljust(10**10) }}",
    "zfill": "{{ 'a'.zfill(10**10) }}",
}
ESCAPES = {
    "class": "{{ ''.__class__.__mro__ }}",
    "subclasses": "{{ ''.__class__.__base__.__subclasses__() }}",
    "globals of a function": "{{ range.__globals__ }}",
    "format": "{{ '{0.__class__}'.format('') }}",
    "format_map": "{{ '{a.__class__}'.format_map({'a': 1}) }}",
    "attr filter": "{{ '' | attr('__class__') }}",
    "own environment": "{{ self.__init__.__globals__ }}",
    "change of a value": "{{ table.update({'field': 'other'}) }}",
    "include": "{% include '/etc/hostname' %}",
    "import": "{% import 'os' as os %}",
}
UNREPEATABLE = {
    "random": "{{ [1, 2, 3] | random }}",
    "lipsum": "{{ lipsum() }}",
    "method": "{{ text.upper }}",
    "generator": "{{ [text] | map('upper') }}",
    "function": "{{ range }}",
    "macro": "{% macro f() %}{% endmacro %}{{ f }}",
}


def render(source: str, **names: Any) -> str:
    sandbox = TemplateSandbox()
    return sandbox.compiled(sandbox.parse(source))({"text": "a text", "table": {"field": "value"}, **names})


@pytest.mark.parametrize("source", RUNAWAYS.values(), ids=RUNAWAYS.keys())
def test_endless_work_is_refused(source: str) -> None:
    with pytest.raises((SecurityError, OverflowError, RecursionError)):
        render(source)


@pytest.mark.parametrize("source", ESCAPES.values(), ids=ESCAPES.keys())
def test_there_is_no_way_out(source: str) -> None:
    with pytest.raises((TemplateError, TypeError)):
        render(source)


@pytest.mark.parametrize("source", UNREPEATABLE.values(), ids=UNREPEATABLE.keys())
def test_what_would_differ_in_another_process_is_refused(source: str) -> None:
    with pytest.raises(TemplateError):
        render(source)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{% for word in text.split() %}{{ loop.index }}/{{ loop.length }} {{ word }};{% endfor %}", "1/2 a;2/2 text;"),
        ("{% for i in [] %}x{% else %}none{% endfor %}", "none"),
        ("{{ text ~ 1 ~ '.' }}", "a text1."),
        ("{{ 2**10 + 3 * 4 }}", "1036"),
        ("{{ 'ab' * 3 }}", "ababab"),
        ("{{ [text] | map('upper') | list }}", "['A TEXT']"),
        ("{{ table }} {{ none }} {{ true }} {{ 1.5 }}", "{'field': 'value'} None True 1.5"),
        ("{{ '{:,}'.format(1400000000) }}", "1,400,000,000"),
        ("{{ 1400000000 | round }} {{ 99999999 | string }}", "1400000000 99999999"),
        ("{% macro twice(x) %}{{ x }}{{ x }}{% endmacro %}{{ twice(text) }}", "a texta text"),
        ("{% set block %}in {{ text }}{% endset %}{{ block }}", "in a text"),
        ("<{{ text }}> & {{ '<b>' }}", "<a text> & <b>"),
        ("{{ text | title | replace('T', 't') }} \n\n", "A text \n\n"),
    ],
)
def test_what_people_write_renders_as_in_jinja(source: str, text: str) -> None:
    assert render(source) == text


def test_a_field_of_a_table_comes_before_a_method_of_dict() -> None:
    assert (
        render("{{ t.items }} {{ t.keys }} {{ t['values'] }}", t={"items": "a", "keys": "b", "values": "c"}) == "a b c"
    )
    assert render("{% for name, value in table.items() %}{{ name }}={{ value }}{% endfor %}") == "field=value"


def test_undefined_names_and_fields_are_errors() -> None:
    for source in ("{{ nothing }}", "{{ table.nothing }}", "{% if nothing %}{% endif %}", "{{ 'a' ~ nothing }}"):
        with pytest.raises(UndefinedError):
            render(source)


def test_each_rendering_has_a_budget_of_its_own() -> None:
    sandbox = TemplateSandbox()
    rendered = sandbox.compiled(sandbox.parse("{% for i in range(50000) %}{% endfor %}ok"))

    assert [rendered({}) for _ in range(6)] == ["ok"] * 6
