"""What is put together from cells is, byte for byte, what rendering each sample makes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncsynth.config import Combinations, Prompt, Record
from asyncsynth.engine import assembly as module
from asyncsynth.engine.assembly import assembly_of
from asyncsynth.engine.rows import row_of
from asyncsynth.recipe.recipe import Recipe
from asyncsynth.store.answers import AnswerParts, answer_of
from asyncsynth.store.dead_letter import DeadLetter
from asyncsynth.store.encoding import encode_strictly
from asyncsynth.store.rendered import answer_lines, dead_letter_lines
from asyncsynth.values import Row, Sample, Value

AXES: dict[str, tuple[Value, ...]] = {
    "genre": ("horror", "%b", 'a "quoted" \\ %s', "é\x01\n\x7f😀"),
    "year": (1990, 2.5, 7),
    "told": (True, False),
    "place": ({"name": "India", "size": 1}, {"name": 'Mali "%"'}),
}
REQUEST = "{{ uuid }} {{ genre }}/{{ year }}/{{ told }}/{{ place.name }}"


def recipe(record: Mapping[str, Any], axes: Mapping[str, tuple[Value, ...]] = AXES, **combinations: Any) -> Recipe:
    return Recipe.of(
        axes, Combinations(**combinations), Prompt(request=REQUEST), Record(**record),
        api="chat", model="small", parameters={},
    )  # fmt: skip


class Answers:
    """The answers of some samples, as a Lookup gives them."""

    def __init__(self, samples: Iterable[Sample]) -> None:
        self.parts_of = {
            sample.key: AnswerParts(encode_strictly(f'"%b" of {sample.key}\n'), b'"model":"%b","flags":[]')
            for sample in samples
        }

    def parts(self, key: bytes) -> AnswerParts | None:
        return self.parts_of.get(key.decode())


def letters_of(samples: Iterable[Sample]) -> dict[str, DeadLetter]:
    return {
        one.key: DeadLetter(one.key, 0, one.combination, one.repeat, "refusal", "no", 1, None, "then", "order")
        for one in samples
    }


def rendered(made: Recipe, answers: Answers, letters: Mapping[str, DeadLetter]) -> tuple[list[bytes], list[bytes]]:
    records, failures = list[bytes](), list[bytes]()
    for sample in made.samples():
        parts = answers.parts(sample.key.encode())
        if parts is not None:
            answer = answer_of(sample.key, parts)
            lines = answer_lines(answer, (row_of(made, sample, answer.text),))
        elif sample.key in letters:
            row = Row(made.columns(sample.combination), sample.repeat, {})
            lines = dead_letter_lines(letters[sample.key], (row,))
        else:
            continue
        records += lines.records
        failures += lines.failures
    return records, failures


def put_together(
    made: Recipe, answers: Answers, letters: Mapping[str, DeadLetter], known: int | None = None
) -> tuple[list[bytes], list[bytes]] | None:
    assembly = assembly_of(made)
    if assembly is None:
        return None
    pieces = list(assembly.lines(letters, answers, known))  # type: ignore[arg-type]
    return list(chain(*(piece.records for piece in pieces))), list(chain(*(piece.failures for piece in pieces)))


texts = st.lists(
    st.sampled_from(["{{ genre }}", "{{ year }}", "{{ place.name | upper }}", "{{ told }}", "%b%", '"\\"', "é\n", "x"]),
    max_size=5,
).map("".join)
plain = texts | st.just("{{ completion }}")
records = st.fixed_dictionaries(
    {"prompt": texts | st.lists(texts, min_size=1, max_size=3)},
    optional={
        "completion": plain | st.lists(plain, min_size=1, max_size=2),
        "system % prompt": texts,
        "chosen": plain,
    },
) | st.fixed_dictionaries(
    {"messages": st.lists(st.fixed_dictionaries({"role": st.just("user"), "content": plain}), min_size=1, max_size=3)},
    optional={"extra": texts | st.lists(plain, min_size=1, max_size=2)},
)


@given(
    record=records, seed=st.integers(0, 3), repeats=st.integers(1, 2), excluded=st.booleans(), some=st.integers(1, 4)
)
def test_records_put_together_are_those_that_are_rendered(
    record: dict[str, Any], seed: int, repeats: int, excluded: bool, some: int
) -> None:
    exclude = [{"genre": "horror", "told": True}] if excluded else []
    made = recipe(record, seed=seed, repeats=repeats, exclude=exclude)
    samples = list(made.samples())
    answers, letters = Answers(samples[::some]), letters_of(samples[1::3])
    expected = rendered(made, answers, letters)
    assert put_together(made, answers, letters) == expected
    known = sum(map(len, expected))
    assert put_together(made, answers, letters, known) == expected


@pytest.mark.parametrize("piece", [1, 2, 48, 256])
def test_they_come_in_pieces_and_end_with_the_last_that_is_known(piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PIECE", piece)
    made = recipe({"prompt": "{{ genre }}"}, repeats=2)
    samples = list(made.samples())
    assembly = assembly_of(made)
    assert assembly is not None
    for known in (1, 48, 70):
        answers = Answers(samples[:known])
        pieces = list(assembly.lines({}, answers, known))  # type: ignore[arg-type]
        assert sum(len(lines.records) for lines in pieces) == known
        assert max(len(lines.records) for lines in pieces) <= piece


@pytest.mark.parametrize(
    ("record", "axes"),
    [
        ({"prompt": "{% if told %}x{% endif %}"}, {}),
        ({"prompt": "{{ genre ~ year }}"}, {}),
        ({"prompt": "p", "completion": " {{ completion }}"}, {}),
        ({"prompt": ["p", "{{ completion }} {{ genre }}"]}, {}),
        ({"messages": [{"role": "user", "content": "{{ place.size + 1 }}"}]}, {}),
        ({"prompt": "{{ genre }}"}, {"genre": ("a", "half a pair: \ud83d")}),
        ({"prompt": "p"}, {"unused": ("a", "half a pair: \ud83d")}),
        ({"prompt": "p"}, {"unused": tuple(range(20_001))}),
        ({"prompt": "{{ genre }}"}, {"genre": ("a", "x" * 200_000)}),
    ],
)
def test_what_has_to_be_rendered_sample_by_sample_is(
    record: dict[str, Any], axes: dict[str, tuple[Value, ...]]
) -> None:
    assert assembly_of(recipe(record, {**AXES, **axes})) is None


def test_what_fits_is_put_together() -> None:
    assert assembly_of(recipe({"prompt": "{{ genre }}"})) is not None
