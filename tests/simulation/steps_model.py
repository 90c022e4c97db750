"""What a recipe of several steps makes of answers: an independent walk, from the first step's newest good take on;
where it leads to no good end, whatever takes lead to one that is all there are a sample's answers.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from asyncsynth.recipe.steps_recipe import StepsRecipe
from asyncsynth.values import Sample
from tests.simulation.books import Books, Line
from tests.simulation.model import Counts
from tests.simulation.one_step_model import told_of
from tests.simulation.steps_keys import StepsKeys
from tests.simulation.steps_record import record_of, step_told, steps_told
from tests.simulation.steps_taken import ASSUMED, Taken, is_turn, lane_of, main_of, messages_of, step_of, told_by
from tests.simulation.steps_wish import LEVELS, UNTIL, StepsWish

_WORDS_OF_A_JUDGE = 4000  # bytes: its rubric, its schema and what services say of that


class Done(NamedTuple):
    taken: dict[str, Taken]


class Open(NamedTuple):
    """The next request is this."""

    step: str
    key: str


class Failed(NamedTuple):
    """No take is left; `last` is the newest, behind those that were `taken`."""

    step: str
    reason: str
    last: Taken
    taken: Mapping[str, Taken]


class SentBack(NamedTuple):
    """A judge does not take the story."""


class StepsModel:
    """See model. `drops`: how often a key's answer was dropped, from the books."""

    def __init__(self, recipe: StepsRecipe, wish: StepsWish) -> None:
        self._wish = wish
        self._samples = list(recipe.samples())
        self._keys = StepsKeys(recipe, wish)
        self._ended: tuple[Books | None, list[Done | Open | Failed]] = (None, [])
        self._seen: tuple[Books | None, AbstractSet[str]] = (None, frozenset())
        self._reached: tuple[Books | None, AbstractSet[str]] = (None, frozenset())

    def views(self, books: Books) -> tuple[list[Line], list[Line]]:
        records, failures = list[Line](), list[Line]()
        for sample, end in self._ends(books):
            key = sample.key
            row = {"combination": dict(sample.combination), "repeat": sample.repeat}
            if isinstance(end, Done):
                key = main_of(end.taken).key
                record = record_of(self._wish, sample, end.taken)
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
                    "answer": last.line["text"],
                    "attempts": last.take + 1,
                    "status": None,
                    "created": last.line["created"],
                }
                taken = {step: got for step, got in end.taken.items() if got.key != last.key}
                if taken:
                    name = next((step for step, got in end.taken.items() if got.key == last.key), end.step)
                    told["steps"] = {**steps_told(self._wish, taken), name: step_told(last)}
                failures.append({"key": last.key, **row, **told})
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
        answers = Counter(came.values())
        return {
            step: {
                "answers": answers[step],
                "rejected": dict(Counter(gate for of, gate in rejected.values() if of == step)),
                "given_up": given_up[step],
            }
            for step in {**answers, **given_up}
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
        step = self._next(taken)
        if step is None:
            return
        for got in self._takes(step, sample, books, {name: one.name for name, one in taken.items()}):
            if got.line is ASSUMED:
                continue
            came[got.key] = lane_of(step)
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
        first_step = self._wish.names[0]
        nothing_there = {id(sample): isinstance(end, Open) and end.step == first_step for sample, end in ends}
        for sample in sorted(missing, key=lambda sample: nothing_there[id(sample)])[:wanted]:
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
        return max(3, len(self._wish.asked) - 1) * longest + _WORDS_OF_A_JUDGE

    def _reach(self, sample: Sample, books: Books, names: Mapping[str, str], keys: set[str]) -> None:
        """All keys that any gates may lead to."""
        if len(names) == len(self._wish.asked):
            return
        step = self._wish.asked[len(names)]
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
        if isinstance(end, Done) or assumed:
            return end
        whole = self._whole(sample, books, {})
        if isinstance(whole, Done):
            return end if isinstance(end, Open) and books.drops.get(end.key, 0) else whole
        asks_anew = isinstance(end, Open) and not books.drops.get(end.key, 0)
        return whole if asks_anew and isinstance(whole, Open | Failed) else end

    def _whole(self, sample: Sample, books: Books, taken: dict[str, Taken]) -> Done | Open | Failed | SentBack | None:
        """The good end of the newest takes that are all there, else a bad one; None: something is missing.

        A bad end is also what was given up on, which is Open.
        """
        step = self._next(taken)
        if step is None:
            return self._done(taken)
        takes = self._takes(step, sample, books, {name: got.name for name, got in taken.items()})
        last: tuple[str, Taken] | None = None
        bad: Open | Failed | None = None
        is_open = False
        for got in reversed([got for got in takes if got.line is not ASSUMED]):
            reason = self._rejection(step, got, taken, books)
            if reason == "verdict":
                return SentBack()
            if not reason:
                end = self._whole(sample, books, {**taken, step: got})
                if isinstance(end, Done) or (isinstance(end, SentBack) and step != "story"):
                    return end
                if not isinstance(end, SentBack):
                    bad, is_open = bad or end, is_open or end is None
                    continue
                reason = "verdict"
            last = last or (reason, got)
        if bad is not None or is_open:
            return bad
        missing = next((got.key for got in takes if got.line is ASSUMED), None)
        if missing is not None:
            return Open(lane_of(step), missing) if missing in books.dead else None
        assert last is not None
        return Failed(step, *last, taken)

    def _from(
        self, sample: Sample, books: Books, taken: dict[str, Taken], assumed: AbstractSet[str]
    ) -> Done | Open | Failed | SentBack:
        step = self._next(taken)
        if step is None:
            return self._done(taken)
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
                return Open(lane_of(step), got.key)
            return self._from(sample, books, {**taken, step: got}, assumed)
        assert last is not None
        return Failed(step, *last, taken)

    def _next(self, taken: Mapping[str, Taken]) -> str | None:
        """What is asked after these; None: nothing."""
        over = any(is_turn(step) and UNTIL in (got.line["text"] or "") for step, got in taken.items())
        return None if over or len(taken) == len(self._wish.asked) else self._wish.asked[len(taken)]

    def _done(self, taken: dict[str, Taken]) -> Done | Failed:
        assumed = any(got.line is ASSUMED for got in taken.values())
        if (
            self._wish.third == "chat"
            and not assumed
            and "assistant" not in [one["role"] for one in messages_of(taken)]
        ):
            return Failed("chat", "until", list(taken.values())[-1], taken)
        return Done(taken)

    def _takes(self, step: str, sample: Sample, books: Books, names: Mapping[str, str]) -> list[Taken]:
        """Those that are there, and those that may be asked for, by their numbers."""
        key_of, retry = self._keys.of(step, sample, names), self._wish.retries[self._wish.names.index(step_of(step))]
        takes = list[Taken]()
        while True:
            key, take = key_of(len(takes)), len(takes)
            line = books.answers.get(key, ASSUMED)
            if take > retry and line is ASSUMED:
                return takes
            takes.append(Taken(key, books.drops.get(key, 0), take, line))

    def _rejection(self, step: str, got: Taken, taken: Mapping[str, Taken], books: Books) -> str:
        """Why a take is not good: a gate, "unscored", "verdict" of a story that the judge rejects; "": it is."""
        if is_turn(step) or any(one.line is ASSUMED for one in taken.values()):
            return ""
        text = got.line["text"]
        if step != "verdict":
            if step == "story" and got.key in self._repeating(books):
                return "duplicate"
            told = told_by(self._wish, step, text)
            if told is None:
                return "schema"
            return "keep" if len(told) % LEVELS < self._wish.keeps[self._wish.names.index(step)] else ""
        try:
            detail = json.loads(text)["detail"]
        except (ValueError, KeyError, TypeError):
            return "unscored"
        return "verdict" if detail < self._wish.judged else ""

    def _repeating(self, books: Books) -> AbstractSet[str]:
        """The stories of which the same is left as of an earlier one in answers.jsonl, of whatever recipe."""
        if not self._wish.rejects_repeats:
            return frozenset()
        if self._seen[0] is not books:
            words, repeating = set[str](), set[str]()
            for key, line in books.answers.items():
                word = (told_by(self._wish, "story", line["text"]) or "").lower() if line["step"] == "story" else ""
                if word in words:
                    repeating.add(key)
                words |= {word} if word else set()
            self._seen = books, repeating
        return self._seen[1]
