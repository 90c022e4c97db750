"""What a recipe of several steps makes of answers: an independent walk, from the first step's newest good take on.

Requests are put together here without the templates of asyncsynth, and gates are looked at without its gates; only
the hash over what a key is made of is its own (recipe/identity), and the request of a judge (quality/judging).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from functools import cache
from typing import Any, NamedTuple

from asyncsynth.quality.judging import Rubric
from asyncsynth.recipe.identity import Keys
from asyncsynth.recipe.step import Takes
from asyncsynth.recipe.steps_recipe import StepsRecipe
from asyncsynth.values import Sample
from tests.simulation.books import Books, Line
from tests.simulation.model import Counts
from tests.simulation.one_step_model import FACTS, told_of
from tests.simulation.steps_wish import LEVELS, RECORDS, RUBRIC, TITLE, StepsWish

NEEDS = {"outline": (), "story": ("outline",), "title": ("story", "outline"), "verdict": ("story",)}
JUDGE = Rubric.of(RUBRIC, "")
ASSUMED: Line = {"text": None}  # an answer that is not there, and is taken to pass
_WORDS_OF_A_JUDGE = 4000  # bytes: its rubric, its schema and what services say of that


class Taken(NamedTuple):
    """The take that a step goes on with."""

    key: str
    generation: int
    take: int
    line: Line

    @property
    def name(self) -> str:
        return f"{self.key}/{self.generation}"


class Done(NamedTuple):
    taken: dict[str, Taken]


class Open(NamedTuple):
    """The next request is this."""

    key: str


class Failed(NamedTuple):
    """No take is left; `last` is the newest."""

    step: str
    reason: str
    last: Taken


class SentBack(NamedTuple):
    """A judge does not take the story."""


class StepsModel:
    """See model. `drops`: how often a key's answer was dropped, from the books."""

    def __init__(self, recipe: StepsRecipe, wish: StepsWish) -> None:
        self._recipe, self._wish = recipe, wish
        facts = recipe.facts()["steps"]
        self._keys = {name: Keys(**facts[name]["endpoint"]) for name in wish.names}
        self._samples = list(recipe.samples())
        self._known: dict[tuple[str, int, tuple[str, ...]], Takes] = {}
        self._ended: tuple[Books | None, list[Done | Open | Failed]] = (None, [])
        self._reached: tuple[Books | None, AbstractSet[str]] = (None, frozenset())

    def views(self, books: Books) -> tuple[list[Line], list[Line]]:
        records, failures = list[Line](), list[Line]()
        for sample, end in self._ends(books):
            key = sample.key
            row = {"combination": dict(sample.combination), "repeat": sample.repeat}
            if isinstance(end, Done):
                key = end.taken["title" if "title" in end.taken else "story"].key
                record = self._record(sample, end.taken)
                if "reason" in record:
                    failures.append({"key": key, **row, **record})
                else:
                    records.append({"key": key, **row, **record})
            elif isinstance(end, Failed):
                last = end.last
                told = {"reason": end.reason, "message": end.step, "attempts": last.take + 1, "status": None}
                failures.append({"key": last.key, **row, **told, "created": last.line["created"]})
            elif end.key in books.dead:
                failures.append({"key": end.key, **row, **told_of(books.dead[end.key])})
        return records, failures

    def counts(self, books: Books) -> Counts:
        ends = self._ends(books)
        made = sum(isinstance(end, Done) for _, end in ends)
        missing = [sample for sample, end in ends if isinstance(end, Open) and end.key not in books.dead]
        dead = len(ends) - made - len(missing)
        wanted, limit = len(missing), self._wish.limit
        if limit:
            wanted = max(0, min(limit - made - dead, wanted))
        asked = set[str]()
        for sample in missing[:wanted]:
            asked |= self._assumed(sample, books)
        return Counts(made, dead, wanted, len(asked), len(books.answers) - len(self.belonging(books)))

    def belonging(self, books: Books) -> AbstractSet[str]:
        return self.may_be_asked(books) & books.answers.keys()

    def may_be_asked(self, books: Books) -> AbstractSet[str]:
        if self._reached[0] is not books:
            keys = set[str]()
            for sample in self._samples:
                self._reach(sample, books, {}, keys)
            self._reached = books, keys
        return self._reached[1]

    def ended(self, books: Books) -> int:
        return sum(not isinstance(end, Open) or end.key in books.dead for _, end in self._ends(books))

    def largest_request(self, books: Books) -> int:
        longest = max((len(line["text"].encode()) for line in books.texts), default=0)
        return 3 * longest + _WORDS_OF_A_JUDGE

    def _reach(self, sample: Sample, books: Books, names: Mapping[str, str], keys: set[str]) -> None:
        """All keys that any gates may lead to."""
        if len(names) == len(self._wish.names):
            return
        step = self._wish.names[len(names)]
        for got in self._takes(step, sample, books, names):
            keys.add(got.key)
            if got.line is not ASSUMED:
                self._reach(sample, books, {**names, step: got.name}, keys)

    def _assumed(self, sample: Sample, books: Books) -> set[str]:
        """The keys that a sample asks for if every answer passes."""
        assumed = set[str]()
        while isinstance(end := self._walk(sample, books, assumed), Open):
            assumed.add(end.key)
        return assumed

    def _ends(self, books: Books) -> list[tuple[Sample, Done | Open | Failed]]:
        if self._ended[0] is not books:
            self._ended = books, [self._walk(sample, books) for sample in self._samples]
        return list(zip(self._samples, self._ended[1], strict=True))

    def _walk(self, sample: Sample, books: Books, assumed: AbstractSet[str] = frozenset()) -> Done | Open | Failed:
        end = self._from(sample, books, {}, assumed)
        assert not isinstance(end, SentBack)
        return end

    def _from(
        self, sample: Sample, books: Books, taken: dict[str, Taken], assumed: AbstractSet[str]
    ) -> Done | Open | Failed | SentBack:
        if len(taken) == len(self._wish.names):
            return Done(taken)
        step = self._wish.names[len(taken)]
        takes = self._takes(step, sample, books, {name: got.name for name, got in taken.items()})
        last: tuple[str, Taken] | None = None
        for got in reversed([got for got in takes if got.line is not ASSUMED]):
            reason = self._rejection(step, got, taken)
            if reason == "verdict":
                return SentBack()
            if not reason:
                end = self._from(sample, books, {**taken, step: got}, assumed)
                if not (isinstance(end, SentBack) and step == "story"):
                    return end
                reason = "verdict"
            last = last or (reason, got)
        for got in (got for got in takes if got.line is ASSUMED):
            if got.key not in assumed:
                return Open(got.key)
            return self._from(sample, books, {**taken, step: got}, assumed)
        assert last is not None
        return Failed(step, *last)

    def _takes(self, step: str, sample: Sample, books: Books, names: Mapping[str, str]) -> list[Taken]:
        """Those that are there, and those that may be asked for, by their numbers."""
        key_of, retry = self._keys_of(step, sample, names), self._wish.retries[self._wish.names.index(step)]
        takes = list[Taken]()
        while True:
            key, take = key_of(len(takes)), len(takes)
            line = books.answers.get(key, ASSUMED)
            if take > retry and line is ASSUMED:
                return takes
            takes.append(Taken(key, books.drops.get(key, 0), take, line))

    def _keys_of(self, step: str, sample: Sample, names: Mapping[str, str]) -> Takes:
        made_from = tuple(names[name] for name in NEEDS[step])
        which = (step, id(sample), made_from)  # samples live as long as the model
        if which not in self._known:
            text, system = self._request(step, sample, names)
            takes = self._keys[step].takes(text, system, sample.repeat, made_from=made_from)
            self._known[which] = cache(takes)
        return self._known[which]

    def _request(self, step: str, sample: Sample, names: Mapping[str, str]) -> tuple[str, str | None]:
        if step == "verdict":
            system, text = JUDGE.asked(names["story"], names["story"])
            return text, system
        text = {"outline": self._wish.outline, "story": self._wish.story, "title": TITLE}[step]
        for name, value in {**sample.combination, **names, "uuid": ""}.items():
            text = text.replace("{{ " + name + " }}", str(value))
        return text, None

    def _rejection(self, step: str, got: Taken, taken: Mapping[str, Taken]) -> str:
        """Why a take is not good: "keep", "unscored", "verdict" of a story that the judge rejects; "": it is."""
        if any(one.line is ASSUMED for one in taken.values()):
            return ""
        text = got.line["text"]
        if step != "verdict":
            keep = self._wish.keeps[self._wish.names.index(step)]
            return "keep" if len(text) % LEVELS < keep else ""
        try:
            detail = json.loads(text)["detail"]
        except (ValueError, KeyError, TypeError):
            return "unscored"
        return "verdict" if detail < self._wish.judged else ""

    def _record(self, sample: Sample, taken: Mapping[str, Taken]) -> Line:
        """The fields of the record behind its identity, or why it can't be rendered."""
        lines = {step: got.line for step, got in taken.items()}
        main = lines["title" if "title" in lines else "story"]
        together = _together(list(lines.values()), main)
        story, said = (
            lines["story"]["text"],
            {**sample.combination, **{name: got["text"] for name, got in lines.items()}},
        )
        if self._wish.record == len(RECORDS) - 1 and len(story) % 3 == 0:
            why = "record.prompt: line 1: integer division or modulo by zero (with "
            why += ", ".join(f'{axis} = "{value}"' for axis, value in sample.combination.items()) + ")"
            told = {"reason": "record_template", "message": why, "status": None}
            return {**told, "attempts": together["attempts"], "created": main["created"]}
        number = str(7 // max(len(story) % 3, 1))
        fields = {"prompt": "", "completion": main["text"]}
        for name, template in self._wish.record_templates.items():
            text = template.replace("{{ 7 // (story | length % 3) }}", number)
            text = text.replace("{{ outline | length }}", str(len(lines["outline"]["text"])))
            fields[name] = _filled(text, said)
        steps = {}
        for step, got in taken.items():
            shown = {"scores": json.loads(got.line["text"])} if step == "verdict" else {}
            steps[step] = {"key": got.key, "take": got.take, "text": got.line["text"], **shown, **_facts(got.line)}
        return {**fields, **together, "steps": steps}


def _filled(template: str, said: Mapping[str, Any]) -> str:
    """Each name once and never again, since texts may have names in braces of their own."""
    parts = template.split("{{ ")
    return parts[0] + "".join(said[name] + rest for name, _, rest in (part.partition(" }}") for part in parts[1:]))


def _facts(line: Line) -> Line:
    return {name: line[name] for name in FACTS}


def _together(lines: list[Line], main: Line) -> Line:
    """Sums over all calls; the rest is the main answer's."""
    usages, costs = [line["usage"] for line in lines], [line["cost_usd"] for line in lines]
    usage = {name: sum(one[name] for one in usages) for name in usages[0] if name != "source"}
    usage["source"] = "estimate" if "estimate" in [one["source"] for one in usages] else "endpoint"
    return {
        **_facts(main),
        "usage": usage,
        "cost_usd": None if None in costs else sum(costs),
        "attempts": sum(line["attempts"] for line in lines),
        "latency_s": round(sum(line["latency_s"] for line in lines), 3),
        "flags": list(dict.fromkeys(flag for line in lines for flag in line["flags"])),
    }
