"""What an output directory keeps, as courses ask for it."""

from __future__ import annotations

from functools import partial

from msgspec.structs import replace

from asyncsynth.engine.stage import Read
from asyncsynth.errors import StoreDamaged
from asyncsynth.store.answers import StoredAnswer, answer_of
from asyncsynth.store.contents import Contents
from asyncsynth.store.keys import KeySet
from asyncsynth.store.lookup import Lookup
from asyncsynth.values import Action, Billing, Fault, GivenUp, Sample


class Kept:
    """An answer is only read when it is asked for; `answers` None: none will be."""

    def __init__(self, there: Contents, answers: Lookup | None) -> None:
        self._answered, self._answers = there.answered, answers
        self.generation, self._dead = there.generation, there.dead
        # Now; what comes later is sent to those who asked for it.
        self.is_empty = not len(there.answered) and not there.dead

    def answer(self, key: str) -> Read | None:
        return partial(self._read, key) if key in self._answered else None

    def is_dead(self, key: str) -> bool:
        return key in self._dead

    def came(self, key: str) -> bool:
        """Whether a run that looks into what it writes wrote this answer."""
        return self._answers is not None and self._answers.came(key)

    def given_up(self, key: str, sample: Sample, step: str) -> GivenUp:
        """The end of a sample that comes to a dead letter which is there."""
        from datetime import datetime  # noqa: PLC0415 - few runs come to one

        letter = self._dead[key]
        fault = Fault(letter.reason, Action.DEAD, Billing.NO, letter.message, status=letter.status)
        created_at = datetime.fromisoformat(letter.created).timestamp()
        return GivenUp(replace(sample, key=key), letter.generation, None, fault, letter.attempts, created_at, (), step)

    def _read(self, key: str) -> StoredAnswer:
        assert self._answers is not None
        parts = self._answers.parts(key.encode())
        if parts is None:
            raise StoreDamaged(f"answers.jsonl no longer has answer {key}", hint="run again")
        return answer_of(key, parts)


class Seen(Kept):
    """The same, and it remembers which answers were asked for; `found` counts how often one was there.

    `newest`: those that were found for the newest sample.
    """

    def __init__(self, there: Contents, answers: Lookup | None) -> None:
        super().__init__(there, answers)
        self.keys, self.newest = KeySet(), set[str]()
        self.found = 0

    def answer(self, key: str) -> Read | None:
        read = super().answer(key)
        if read is not None:
            self.keys.add(key)
            self.newest.add(key)
            self.found += 1
        return read
