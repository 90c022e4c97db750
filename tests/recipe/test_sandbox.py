"""Promises of recipe.sandbox: no way out, nothing that differs between two processes, no endless work."""

from __future__ import annotations

import sys
import time
from typing import Any

import pytest
from benchmarks.children import finish
from jinja2 import TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError

from asyncsynth.recipe.budget import MAX_CHARACTERS, MAX_SECONDS
from asyncsynth.recipe.parsing import rendering
from asyncsynth.recipe.sandbox import TemplateSandbox
from tests.conftest import unmeasured

# `text` has a million characters.
COPIES = "{% set u = text ~ 'a' %}{% set v = text ~ 'b' %}"
REFERENCES = "u, v, " * 4000


def doubling(expression: str) -> str:
    return "{% set s = 'aaaaaaaaaa' %}" + f"{{% set s = {expression} %}}" * 60 + "{{ s }}"


RUNAWAYS = {
    "a huge width by %": "{{ '%1000000000d' % 1 }}",
    "a huge width by format": "{{ '%1000000000d' | format(1) }}",
    "a huge precision by format": "{{ '%.1000000000f' | format(1) }}",
    "a width from a value": "{{ '%*d' | format(1000000000, 1) }}",
    "a huge width by a method": "{{ '{:1000000000d}'.format(1) }}",
    "a format of a text many times": "{{ (text | replace('x', '%(a)s')) | format(a=text) }}",
    "a number squared sixty times": "{% set n = 10 %}" + "{% set n = n * n %}" * 60 + "{{ n }}",
    "a namespace squared": "{% set n = namespace(v=3) %}{% for i in text %}{% set n.v = n.v * n.v %}{% endfor %}",
    "doubling by ~": doubling("s ~ s"),
    "doubling by +": doubling("s + s"),
    "doubling by join": doubling("[s, s] | join"),
    "doubling by replace": doubling("s | replace('a', 'aa')"),
    "doubling by format": doubling("'%s%s' | format(s, s)"),
    "doubling a list": "{% set s = [1, 2] %}" + "{% set s = s + s %}" * 60 + "{{ s | length }}",
    "a printed list of long texts": "{{ [" + "text, " * 9000 + "] }}",
    "a list of long texts as JSON": "{{ [" + "text, " * 9000 + "] | tojson }}",
    "a printed table of long texts": "{{ {" + ", ".join(f"'{field}': text" for field in range(5000)) + "} }}",
    "a huge list sorted": "{{ text | list | sort }}",
    "a huge text split": "{{ (text ~ text ~ text).split('x') | sort }}",
    "long texts compared by sort": COPIES + "{{ [" + REFERENCES + "] | sort | length }}",
    "long texts compared by unique": COPIES + "{{ [" + REFERENCES + "] | unique | list | length }}",
    "long texts compared in a loop": COPIES + "{% for i in text[:200000] %}{% if u == v %}{% endif %}{% endfor %}",
    "a long text searched in a loop": "{% for i in text[:200000] %}{{ 'xa' in text }}{% endfor %}",
    "words counted in a loop": "{% for i in text[:200000] %}{{ text | wordcount }}{% endfor %}",
    "thousands of slices": "".join(f"{{% set s{n} = text[{n}:] %}}" for n in range(3000)),
    "thousands of copies": "".join(f"{{% set s{n} = text ~ '\U0001f600' %}}" for n in range(500)),
    "a long text made by every letter": "{{ text | replace('x', text) }}",
    "the same by a method": "{{ text.replace('x', text) }}",
    "between every letter": "{{ text | replace('', text) }}",
    "joined by a long text": "{{ text | join(text) }}",
    "the same join by a method": "{{ text.join(text) }}",
    "indented lines": "{{ text | replace('x', '\n') | indent(1000) }}",
    "a huge indent": "{{ text | indent(1000000000) }}",
    "digits before the point": "{{ 5 | round(-1000000000) }}",
    "digits after the point": "{{ 5.5 | round(1000000000, 'ceil') }}",
    "a tower of powers": "{{ 10 ** 10 ** 10 }}",
    "text times number": "{{ 'a' * 1000000000 }}",
    "list times number": "{{ ([1] * 1000000000) | length }}",
    "a range": "{% for i in range(100000) %}x{% endfor %}",
    "nested loops": "{% for i in text[:9999] %}{% for j in text[:9999] %}{% endfor %}{% endfor %}",
    "recursion": "{% for i in text recursive %}{{ loop(text) }}{% endfor %}",
    "a macro": "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "thousands of comparisons": COPIES + "{{ u == v }}" * 9000,
    "nested filters": "{{ text" + " | upper" * 900 + " }}",
    "nested brackets": "{{ " + "(" * 9999 + "1" + ")" * 9999 + " }}",
    "nested signs": "{{ " + "-" * 9999 + "1 }}",
    "nested tags": "{% if text %}" * 200 + "{% endif %}" * 200,
    "nested for": "{% for i in text %}" * 30 + "{% endfor %}" * 30,
    "constants": f"{{{{ 'x' | replace('x', '{'y' * 100_000}') | replace('y', '{'z' * 1000}') }}}}",
}
REFUSED = (SecurityError, TemplateSyntaxError, TypeError, RecursionError)
ESCAPES = {
    "class": "{{ ''.__class__.__mro__ }}",
    "class by subscript": "{{ ''['__class__'] }}",
    "subclasses": "{{ ''.__class__.__base__.__subclasses__() }}",
    "globals of a function": "{{ text.split.__globals__ }}",
    "format": "{{ '{0.__class__}'.format('') }}",
    "format_map": "{{ '{a.__class__}'.format_map({'a': 1}) }}",
    "attribute by map": "{{ [text] | map(attribute='__class__') | list }}",
    "attribute of an attribute by map": "{{ [text] | map(attribute='upper.__self__') | list }}",
    "attr filter": "{{ '' | attr('__class__') }}",
    "attr filter by map": "{{ [text] | map('attr', '__class__') | list }}",
    "own environment": "{{ self.__init__.__globals__ }}",
    "change of a value": "{{ table.update({'field': 'other'}) }}",
    "change by map": "{{ [table] | map(attribute='clear') | list }}",
    "a method under another name": "{% set f = table.clear %}{{ f() }}",
    "include": "{% include '/etc/hostname' %}",
    "import": "{% import 'os' as os %}",
    "what jinja2 passes to filters": "{{ [1] | map('map') | list }}",
}
UNREPEATABLE = {
    "random": "{{ [1, 2, 3] | random }}",
    "lipsum": "{{ lipsum() }}",
    "method": "{{ text.upper }}",
    "generator": "{{ [text] | map('upper') }}",
    "generator in a list": "{{ [[text] | map('upper')] }}",
    "function": "{{ range }}",
    "loop": "{% for i in [1] %}{{ loop }}{% endfor %}",
    "items": "{{ table.items() }}",
}


def render(source: str, **names: Any) -> str:
    sandbox = TemplateSandbox()
    return rendering(sandbox, source)({"text": "a text", "table": {"field": "value"}, **names})


@unmeasured
@pytest.mark.parametrize("source", RUNAWAYS.values(), ids=RUNAWAYS.keys())
def test_endless_work_is_refused_in_seconds(monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    monkeypatch.setattr("asyncsynth.recipe.budget.MAX_SECONDS", MAX_SECONDS / 10)  # the steps come as often
    began = time.process_time()
    with pytest.raises(REFUSED):
        render(source, text="x" * 1_000_000)
    # Without a bound each takes minutes, or all memory.
    assert time.process_time() - began < 3 * MAX_SECONDS


MEASURED = """
import resource, sys
from asyncsynth.recipe.render_errors import RENDER_ERRORS
from asyncsynth.recipe.parsing import rendering
from asyncsynth.recipe.sandbox import TemplateSandbox
sandbox = TemplateSandbox()
resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31))
try:
    rendering(sandbox, sys.argv[1])({"text": "x" * 1_000_000})
except RENDER_ERRORS:
    print("refused")
"""


@pytest.mark.parametrize("name", ["thousands of copies", "a printed list of long texts", "a huge list sorted"])
def test_endless_work_takes_little_memory(name: str) -> None:
    done = finish([sys.executable, "-c", MEASURED, RUNAWAYS[name]], {"PYTHONPATH": ":".join(sys.path)})
    assert done.output == "refused\n"
    assert done.peak_mb < 250


def test_each_rendering_has_its_bound_of_processor_time() -> None:
    now = [0.0]
    sandbox = TemplateSandbox(lambda: now[0])
    loop = rendering(sandbox, "{% for i in [1, 2, 3] %}{{ table.field }}{% endfor %}")

    class Slow(dict[str, str]):
        def __getitem__(self, field: str) -> str:
            now[0] += MAX_SECONDS * 0.6
            return super().__getitem__(field)

    with pytest.raises(SecurityError, match="takes more than 1 s"):
        loop({"table": Slow(field="x")})
    assert loop({"table": {"field": "x"}}) == "xxx"


@pytest.mark.parametrize("source", ESCAPES.values(), ids=ESCAPES.keys())
def test_there_is_no_way_out(source: str) -> None:
    table = {"field": "value"}
    with pytest.raises((TemplateError, TypeError)):
        render(source, table=table)
    assert table == {"field": "value"}


@pytest.mark.parametrize("source", UNREPEATABLE.values(), ids=UNREPEATABLE.keys())
def test_what_would_differ_in_another_process_is_refused(source: str) -> None:
    with pytest.raises(TemplateError):
        render(source)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{% for word in text.split() %}{{ loop.index }}/{{ loop.length }} {{ word }};{% endfor %}", "1/2 a;2/2 text;"),
        ("{% for i in [] %}x{% else %}none{% endfor %}", "none"),
        ("{% for i in [1, 2, 3] if i != 2 %}{{ i }}{{ ', ' if not loop.last }}{% endfor %}", "1, 3"),
        ("{% if text is string and table is mapping %}yes{% elif text %}no{% endif %}", "yes"),
        ("{% set words = text.split() %}{{ words | length }} {{ words[-1] }} {{ text[2:] }}", "2 text text"),
        ("{{ text ~ 1 ~ '.' }}", "a text1."),
        ("{{ 2 * 3 + 7 // 2 - 5 % 3 }} {{ 1 / 4 }} {{ -2 }}", "7 0.25 -2"),
        ("{{ 'b' + 'a' }} {{ [1] + [2] }}", "ba [1, 2]"),
        ("{{ [text] | map('upper') | list }}", "['A TEXT']"),
        ("{{ [table] | map(attribute='field') | join(', ') }}", "value"),
        ("{{ [table] | selectattr('field', 'equalto', 'value') | list | length }}", "1"),
        ("{{ table }} {{ none }} {{ true }} {{ 1.5 }}", "{'field': 'value'} None True 1.5"),
        ("{{ '%.2f' | format(12.5) }} {{ '%05d' | format(7) }} {{ '%s%%' | format(9) }}", "12.50 00007 9%"),
        ("{{ 1400000000 | round }} {{ 99999999 | string }} {{ 2.345 | round(1) }}", "1400000000 99999999 2.3"),
        ("{{ 'a, b' | replace(', ', '/') }} {{ 'aaa' | replace('a', 'b', 2) }}", "a/b bba"),
        ("{{ 'a\nb\n\nc' | indent(2) }}", "a\n  b\n\n  c"),
        ("{{ 'a\nb' | indent('> ', first=true) }}", "> a\n> b"),
        ("{{ table | tojson }} {{ 'R&B <é>' | tojson }}", '{"field": "value"} "R&B <é>"'),
        ("{{ text.replace('a', 'the') }} {{ ', '.join(['x', 'y']) }} {{ text.startswith('a') }}", "the text x, y True"),
        ("{{ text if text in ['a text', 'b'] else 'other' }}", "a text"),
        ("{{ table.missing | default('nothing') }} {{ table.get('missing', 5) }}", "nothing 5"),
        ("<{{ text }}> & {{ '<b>' }}", "<a text> & <b>"),
        ("{{ text | title | replace('T', 't') }} \n\n", "A text \n\n"),
        ("{# a comment #}{% raw %}{{ text }}{% endraw %}", "{{ text }}"),
    ],
)
def test_what_people_write_renders_as_expected(source: str, text: str) -> None:
    assert render(source) == text


def test_a_field_of_a_table_comes_before_a_method_of_dict() -> None:
    assert (
        render("{{ t.items }} {{ t.keys }} {{ t['values'] }}", t={"items": "a", "keys": "b", "values": "c"}) == "a b c"
    )
    assert render("{% for name, value in table.items() %}{{ name }}={{ value }}{% endfor %}") == "field=value"


def test_a_method_that_is_not_called_is_no_value() -> None:
    for source in (
        "{% if 'a'.title %}{% endif %}",
        "{{ 'a'['title'] == 1 }}",
        "{{ ['a'] | map(attribute='upper') | list }}",
    ):
        with pytest.raises(SecurityError, match="is not a field"):
            render(source)


def test_undefined_names_and_fields_are_errors() -> None:
    for source in ("{{ nothing }}", "{{ table.nothing }}", "{% if nothing %}{% endif %}", "{{ 'a' ~ nothing }}"):
        with pytest.raises(UndefinedError):
            render(source)


def test_each_rendering_has_a_budget_of_its_own() -> None:
    sandbox = TemplateSandbox()
    rendered = rendering(sandbox, "{% for i in text %}{% endfor %}ok")

    assert [rendered({"text": "x" * 50_000}) for _ in range(8)] == ["ok"] * 8


def test_a_long_text_goes_through_many_filters() -> None:
    """A prompt of a million characters, which is more than most models take."""
    text = "word " * 200_000

    assert (
        render("{{ text | trim | replace('word', 'work') | title | upper | lower }}", text=text)
        == "work " * 199_999 + "work"
    )
    assert len(render("{{ text }}", text="a" * MAX_CHARACTERS)) == MAX_CHARACTERS
