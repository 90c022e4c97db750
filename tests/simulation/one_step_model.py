"""What a recipe of one step makes of answers: a sample has its end where its key has one."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from asyncsynth.errors import UsageError
from asyncsynth.recipe.recipe import Recipe
from asyncsynth.values import Sample
from tests.simulation.books import Books, Line
from tests.simulation.model import Counts

FACTS = (
    "model", "finish_reason", "usage", "cost_usd", "attempts", "latency_s", "created", "generation", "run", "flags",
)  # fmt: skip


class OneStepModel:
    """See model."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._samples = list(recipe.samples())
        self._shown = [
            {"key": sample.key, "combination": dict(recipe.columns(sample.combination)), "repeat": sample.repeat}
            for sample in self._samples
        ]
        self._made: dict[tuple[int, str], tuple[Mapping[str, Any], str | None]] = {}  # by sample and answer

    def views(self, books: Books) -> tuple[list[Line], list[Line]]:
        records, failures = list[Line](), list[Line]()
        for number, (sample, identity) in enumerate(zip(self._samples, self._shown, strict=True)):
            answer, letter = books.answers.get(sample.key), books.dead.get(sample.key)
            if answer is not None:
                fields, problem = self._fields(number, answer["text"])
                if problem is None:
                    records.append({**identity, **fields, **{name: answer[name] for name in FACTS}})
                else:
                    why = {"step": None, "reason": "record_template", "message": problem, "answer": answer["text"]}
                    facts = {"attempts": answer["attempts"], "status": None, "created": answer["created"]}
                    failures.append({**identity, **why, **facts})
            elif letter is not None:
                failures.append({**identity, "step": "completion", **told_of(letter)})
        return records, failures

    def funnel(self, books: Books) -> dict[str, Line]:
        del books
        return {}

    def counts(self, books: Books) -> Counts:
        keys = [sample.key for sample in self._samples]
        there = sum(key in books.answers for key in keys)
        dead = sum(key not in books.answers and key in books.dead for key in keys)
        left = len(books.answers.keys() - set(keys))
        return Counts(there, dead, *self._to_make(books, there + dead), left)

    def _to_make(self, books: Books, ended: int) -> tuple[int, int]:
        """Samples and requests for them: whoever asks what is asked anyway is made with it, whatever the limit."""
        sharing: dict[str, int] = {}
        for sample in self._samples:
            if sample.key not in books.answers and sample.key not in books.dead:
                sharing[sample.key] = sharing.get(sample.key, 0) + 1
        if not self._recipe.limit:
            return sum(sharing.values()), len(sharing)
        samples = requests = 0
        for of_key in sharing.values():
            if ended + samples >= self._recipe.limit:
                break
            samples, requests = samples + of_key, requests + 1
        return samples, requests

    def belonging(self, books: Books) -> AbstractSet[str]:
        return books.answers.keys() & self.may_be_asked(books)

    def may_be_asked(self, books: Books) -> AbstractSet[str]:
        del books
        return {sample.key for sample in self._samples}

    def ended(self, books: Books) -> int:
        return sum(sample.key in books.answers or sample.key in books.dead for sample in self._samples)

    def made(self, books: Books) -> int:
        return sum(sample.key in books.answers for sample in self._samples)

    def largest_request(self, books: Books) -> int:
        del books
        recipe = self._recipe
        requests = (recipe.request(sample) for sample in self._samples if sample.problem is None)
        return max(len((request.text + (request.system or "")).encode()) for request in requests)

    def _fields(self, number: int, text: str) -> tuple[Mapping[str, Any], str | None]:
        made = self._made.get((number, text))
        if made is None:
            made = self._made[number, text] = self._fields_of(self._samples[number], text)
        return made

    def _fields_of(self, sample: Sample, text: str) -> tuple[Mapping[str, Any], str | None]:
        try:
            return self._recipe.fields(sample, text), None
        except UsageError as error:
            return {}, error.message


def told_of(letter: Line) -> Line:
    """What a dead letter tells in failures.jsonl."""
    return {name: letter[name] for name in ("reason", "message", "attempts", "status", "created")} | {"answer": None}
