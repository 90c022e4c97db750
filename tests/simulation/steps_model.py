"""What a recipe of several steps makes of answers: an independent walk, from the first step's newest good take on.

Requests are put together here without the templates of asyncsynth, and gates are looked at without its gates; only
the hash over what a key is made of is its own (recipe/identity), and the request of a judge (quality/judging).
"""

from __future__ import annotations

import json
import re
from collections import Counter
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
from tests.simulation.steps_wish import CUTS, LEVELS, RECORDS, RUBRIC, StepsWish

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

    step: str
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
        self._seen: tuple[Books | None, AbstractSet[str]] = (None, frozenset())
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
                told = {
                    "step": end.step,
                    "reason": end.reason,
                    "message": end.step,
                    "attempts": last.take + 1,
                    "status": None,
                }
                failures.append({"key": last.key, **row, **told, "created": last.line["created"]})
            elif end.key in books.dead:
                failures.append({"key": end.key, **row, "step": end.step, **told_of(books.dead[end.key])})
        return records, failures

    def funnel(self, books: Books) -> dict[str, Line]:
        came, rejected = dict[str, str](), dict[str, tuple[str, str]]()
        given_up = Counter[str]()
        for sample, end in self._ends(books):
            self._look(sample, books, {}, came, rejected)
            if isinstance(end, Failed) or (isinstance(end, Open) and end.key in books.dead):
                given_up[end.step] += 1
        return {
            step: {
                "answers": Counter(came.values())[step],
                "rejected": dict(Counter(gate for of, gate in rejected.values() if of == step)),
                "given_up": given_up[step],
            }
            for step in self._wish.names
            if step in given_up or step in came.values()
        }

    def _look(
        self,
        sample: Sample,
        books: Books,
        taken: dict[str, Taken],
        came: dict[str, str],
        rejected: dict[str, tuple[str, str]],
    ) -> None:
        """At every take that is there, behind every other one that is good."""
        if len(taken) == len(self._wish.names):
            return
        step = self._wish.names[len(taken)]
        for got in self._takes(step, sample, books, {name: one.name for name, one in taken.items()}):
            if got.line is ASSUMED:
                continue
            came[got.key] = step
            reason = self._rejection(step, got, taken, books)
            if reason:
                rejected.setdefault(got.key, ("story" if reason == "verdict" else step, reason))
            else:
                self._look(sample, books, {**taken, step: got}, came, rejected)

    def counts(self, books: Books) -> Counts:
        ends = self._ends(books)
        made = self.made(books)
        missing = [sample for sample, end in ends if isinstance(end, Open) and end.key not in books.dead]
        dead = len(ends) - made - len(missing)
        wanted, limit = len(missing), self._wish.limit
        if limit:
            wanted = max(0, min(limit - made - dead, wanted))
        if self._wish.accepted:
            wanted = max(0, min(self._wish.accepted - made, wanted))
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

    def made(self, books: Books) -> int:
        return sum(isinstance(end, Done) for _, end in self._ends(books))

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
            reason = self._rejection(step, got, taken, books)
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
                return Open(step, got.key)
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
        text, values = self._wish.request_of(step), {**sample.combination, **names, "uuid": ""}
        if self._wish.plot and "outline" in names:
            values |= {"outline.plot": names["outline"], "outline": json.dumps({"plot": names["outline"]})}
        for name, value in values.items():
            text = text.replace("{{ " + name + " }}", str(value))
        return text, None

    def _rejection(self, step: str, got: Taken, taken: Mapping[str, Taken], books: Books) -> str:
        """Why a take is not good: a gate, "unscored", "verdict" of a story that the judge rejects; "": it is."""
        if any(one.line is ASSUMED for one in taken.values()):
            return ""
        text = got.line["text"]
        if step != "verdict":
            if step == "story" and got.key in self._repeating(books):
                return "duplicate"
            told = self._told(step, text)
            if told is None:
                return "schema"
            return "keep" if len(told) % LEVELS < self._wish.keeps[self._wish.names.index(step)] else ""
        try:
            detail = json.loads(text)["detail"]
        except (ValueError, KeyError, TypeError):
            return "unscored"
        return "verdict" if detail < self._wish.judged else ""

    def _told(self, step: str, text: str) -> str | None:
        """What of an answer is used; None: it does not fit its schema."""
        if step == "story":
            for cut in CUTS[self._wish.cut]:
                text = re.sub(cut, "", text)
        if step != "outline" or not self._wish.plot:
            return text
        try:
            read = json.loads(text)
        except ValueError:
            return None
        return read["plot"] if isinstance(read, dict) and list(read) == ["plot"] and type(read["plot"]) is str else None

    def _repeating(self, books: Books) -> AbstractSet[str]:
        """The stories of which the same is left as of an earlier one in answers.jsonl, of whatever recipe."""
        if not self._wish.rejects_repeats:
            return frozenset()
        if self._seen[0] is not books:
            words, repeating = set[str](), set[str]()
            for key, line in books.answers.items():
                word = (self._told("story", line["text"]) or "").lower() if line["step"] == "story" else ""
                if word in words:
                    repeating.add(key)
                words |= {word} if word else set()
            self._seen = books, repeating
        return self._seen[1]

    def _record(self, sample: Sample, taken: Mapping[str, Taken]) -> Line:
        """The fields of the record behind its identity, or why it can't be rendered."""
        lines = {step: got.line for step, got in taken.items()}
        main = lines["title" if "title" in lines else "story"]
        together = _together(list(lines.values()), main)
        told = {step: self._told(step, line["text"]) or "" for step, line in lines.items()}
        story, said = told["story"], {**sample.combination, **told, "outline.plot": told["outline"]}
        if self._wish.record == len(RECORDS) - 1 and len(story) % 3 == 0:
            why = "record.prompt: line 1: integer division or modulo by zero (with "
            why += ", ".join(f'{axis} = "{value}"' for axis, value in sample.combination.items()) + ")"
            failure = {"step": None, "reason": "record_template", "message": why, "status": None}
            return {**failure, "attempts": together["attempts"], "created": main["created"]}
        number = str(7 // max(len(story) % 3, 1))
        fields = {"prompt": "", "completion": told["title" if "title" in told else "story"]}
        for name, template in self._wish.record_templates.items():
            text = template.replace("{{ 7 // (story | length % 3) }}", number)
            text = text.replace("{{ " + self._wish.told + " | length }}", str(len(told["outline"])))
            fields[name] = _filled(text, said)
        steps = {}
        for step, got in taken.items():
            shown = {"scores": json.loads(got.line["text"])} if step == "verdict" else {}
            shown |= {"value": {"plot": told["outline"]}} if step == "outline" and self._wish.plot else {}
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
