"""Texts that go over unread make the same lines, to the byte, as records that are read."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from asyncsynth.app.choice import Choice, marked_as_failed, not_wanted
from asyncsynth.app.export import Options, _splicers
from asyncsynth.app.spliced import Splicer, splicer_for
from asyncsynth.app.where import holds, where_of
from asyncsynth.outputs.examples import Kind, Record, Row, blanks_mover, fault_of
from asyncsynth.outputs.formats import FORMATS
from asyncsynth.outputs.lines import line_of
from asyncsynth.outputs.marks import Mark
from asyncsynth.store.answers import StoredAnswer
from asyncsynth.store.encoding import decode
from asyncsynth.store.records import record_line
from asyncsynth.values import Row as Values

TOLD = b'"model":null,"finish_reason":"stop","usage":{"prompt_tokens":1},"run":1,"flags":[]'
PARTS = [
    *'anruf0b"\\.:{},é山。“😀\u0301',
    *" \n\r\t\f\x0b\x1c\x00\x7f\x85\xa0\u2003\u2028\u2029\u202f\u205f\u3000\u1680",
    "\ud800",
]
PARTS += ['","completion":"', '"},"repeat":0,"prompt":"', "\\u0020", "\\n", "  ", "\n\n", "%b%", "\\" * 2]
NAMES = {Kind.PAIR: ["prompt", "completion"], Kind.PREFERENCE: ["prompt", "rejected", "chosen"]}
FORMS = {form: FORMATS[form] for form in FORMATS.keys() - {"parquet", "hub", "folders"}}
WAYS = [
    (name, kind, joins)
    for name, form in sorted(FORMS.items())
    for kind in NAMES.keys() & form.rows.keys()
    for joins in {form.joins, False}
]


def line(fields: dict[str, str], number: int = 0, **combination: Any) -> bytes:
    return record_line(Values(combination, 0, fields), StoredAnswer(f"{number:032x}", "", TOLD))


def awkward(rng: random.Random) -> str:
    return "".join(rng.choices(PARTS, k=rng.choice((0, 1, 2, 3, 3, 8)))) + rng.choice(("", "", "Plot:", "end.", "山"))


def value(rng: random.Random) -> Any:
    table = {"name": awkward(rng), "completion": awkward(rng), "repeat": 0}
    return rng.choice(
        [awkward(rng), awkward(rng), 7, -1.5e300, True, table, {"deep": table, "repeat": 1, "prompt": "x"}]
    )


def ways(form: str, kind: Kind, *, joins: bool) -> tuple[Choice, Any]:
    row_of, move = FORMATS[form].rows[kind], blanks_mover(kind)

    def moved(record: Record) -> Row:
        return move(row_of(record)) if joins else row_of(record)

    return Choice([fault_of(kind)]), moved


def splicer(first: bytes, form: str, kind: Kind, *, joins: bool) -> Splicer:
    choice, row_of = ways(form, kind, joins=joins)
    made = splicer_for(decode(first) or {}, kind, choice, row_of, joins=joins)
    assert made is not None
    return made


@pytest.mark.parametrize(("form", "kind", "joins"), WAYS)
def test_every_line_is_the_one_of_the_record_when_it_is_read(form: str, kind: Kind, joins: bool) -> None:
    rng = random.Random(8)
    lines = [
        line({name: awkward(rng) for name in NAMES[kind]} | {"more": "x"}, number, a=value(rng), b=value(rng))
        for number in range(300)
    ]
    choice, row_of = ways(form, kind, joins=joins)
    read = [record for each in lines if choice.takes(record := decode(each) or {})]
    expected = [(record["key"], line_of(row_of(record))) for record in read]
    made = splicer(lines[0], form, kind, joins=joins)
    assert [(record["key"], text) for record, text in made.lines(b"".join(lines))] == expected
    assert made.joined(b"".join(lines)) == (b"".join(row for _, row in expected), len(expected))
    assert 0 < len(expected) < len(lines)


PLAIN = [
    {"prompt": "Genre: horror\nPlace: India\n\nPlot outline: ", "completion": '"Once," he said,\n\n“upon a time.”'},
    {"prompt": "Über eine 山\n", "completion": "\n\nむかし、むかし。"},
    {"prompt": 'Write about "India"', "completion": "Я"},
    {"prompt": "类型：恐怖片。", "completion": " — 100% {fine} "},
]


@pytest.mark.parametrize("joins", [True, False])
def test_usual_texts_are_not_read(joins: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [line(fields, genre='a "b"', year=1990, row={"x": "y", "n": None}) for fields in PLAIN]
    made = splicer(lines[0], "completions", Kind.PAIR, joins=joins)
    monkeypatch.setattr("asyncsynth.app.spliced.decode", None)
    assert made.joined(b"".join(lines))[1] == len(PLAIN)


def test_records_whose_texts_do_not_come_first_are_read() -> None:
    choice, row_of = ways("completions", Kind.PAIR, joins=True)
    for fields in ({"completion": "x", "prompt": "y"}, {"prompt": "x", "title": "y", "completion": "z"}):
        assert splicer_for(decode(line(fields)) or {}, Kind.PAIR, choice, row_of, joins=True) is None


@pytest.mark.parametrize("where", ["a=x", "a == 'x' and b > 2", "completion | length > 3"])
def test_whoever_asks_for_keys_and_combinations_leaves_out_the_same_records(where: str) -> None:
    rng = random.Random(9)
    lines = [
        line({name: awkward(rng) for name in NAMES[Kind.PAIR]}, number, a=rng.choice("xy"), b=rng.randrange(5))
        for number in range(300)
    ]
    marks = {f"{number:032x}": Mark("fail") for number in range(0, 300, 7)}
    first = decode(lines[0]) or {}
    options = Options("completions", Path("x.jsonl"), where=(where_of(where),))
    of_keys, wanted = [marked_as_failed(marks)], [not_wanted([holds(where_of(where))])]
    read, spliced = (Choice([fault_of(Kind.PAIR)], of_keys, wanted) for _ in range(2))
    move = blanks_mover(Kind.PAIR)

    def row_of(record: Record) -> Row:
        return move(FORMATS["completions"].rows[Kind.PAIR](record))

    made = _splicers(options, FORMATS["completions"], (), (first, Kind.PAIR, row_of))(spliced)
    if "completion" in where:  # each has to be read
        assert made is None
        return
    assert made is not None
    expected = [line_of(row_of(record)) for each in lines if read.takes(record := decode(each) or {})]
    assert [text for _, text in made.lines(b"".join(lines))] == expected
    assert spliced.left_out == read.left_out
    assert 0 < len(expected) < 250
