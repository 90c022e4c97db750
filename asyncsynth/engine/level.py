"""A step on the way of a sample, with its takes, and what it asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from asyncsynth.engine.stage import Got, Read, Rejection, Stage
from asyncsynth.engine.trail import Dead, Failed, Trail
from asyncsynth.values import Request, Sample


class Ask(Struct, frozen=True, gc=False):
    """What is to be asked next.

    `left`: how many more replies may be paid for this step of the sample, if the one to this is of no use. `spent`: why
    it is not to be asked: what was of no use has used up its takes, and the newest answer was rejected.
    """

    level: Level
    key: str
    take: int
    generation: int
    left: int = 0
    spent: Rejection | None = None

    @property
    def place(self) -> int:
        """That of its stage."""
        return self.level.place

    @property
    def step(self) -> str:
        """The name that requests of it go by."""
        return self.level.stage.step.lane

    @property
    def dead(self) -> Dead:
        """The end where it was given up on."""
        return Dead(self.key, self.step)

    def request(self, lost: int = 0) -> Request:
        """What is sent, after so many replies of no use. UsageError where it can't be rendered."""
        level, sample = self.level, self.level.sample
        step, taken, last = level.stage.step, level.trail.taken, level.last
        rejected = None
        if last is not None and step.shows_reason and last[0].read is not None:
            rejected = last[0].text(), last[1].why
        values = {}
        for name in step.needs:
            values[name] = taken[name].passed.value()
        sample = Sample(self.key, sample.combination, sample.repeat)
        return step.request(sample, values, take=self.take, generation=self.generation, rejected=rejected, lost=lost)

    def answered(self, read: Read | None, lost: int = 0) -> Got:
        """Its answer, after so many replies of no use."""
        return Got(self.level.stage.step.name, self.key, self.generation, self.take, read, lost)


class Level(Struct, gc=False):  # it knows what came before it and not what comes behind it, so it is in no cycle
    """A step on the way of a sample: its takes that are there, the newest last, and those that may be asked for."""

    place: int
    stage: Stage
    sample: Sample
    trail: Trail
    keys: Callable[[int], str]  # of its takes
    there: list[Got]
    missing: list[int]  # the next one last
    is_open: bool = False  # whether a take of it may still lead to a good end, by what is not there yet
    lost: int = 0  # replies that were paid and of no use
    taken: Got | None = None
    last: tuple[Got, Rejection] | None = None  # the newest that was rejected

    def ask(self, generation: Callable[[str], int]) -> Ask:
        """What asks for the next take."""
        take = self.missing.pop()
        key = self.keys(take)
        left = len(self.missing) - self.lost
        if left >= 0:
            return Ask(self, key, take, generation(key), left)
        return Ask(self, key, take, generation(key), 0, None if self.last is None else self.last[1])

    def reject(self, got: Got, rejection: Rejection) -> None:
        """One take less, in whatever order they were looked at."""
        if self.last is None or got.take > self.last[0].take:
            self.last = got, rejection

    def failed(self) -> Failed:
        """The end where no take is left."""
        assert self.last is not None
        got, rejection = self.last
        return Failed(got.step, self.stage.step.lane, rejection, got.take + 1, got, self.trail.answers)


def takes_there(
    keys: Callable[[int], str], retry: int, answer: Callable[[str], Read | None]
) -> Iterator[tuple[int, str, Read]]:
    """The takes of a step that are there, each with its key.

    More may be there than may be asked for now, also behind one that was dropped.
    """
    take = 0
    while True:
        key = keys(take)
        if (read := answer(key)) is not None:
            yield take, key, read
        elif take > retry:
            return
        take += 1


def missing(there: Sequence[Got], retry: int) -> list[int]:
    """The takes that may be asked for, the next one last."""
    takes = [*range(retry, -1, -1)] if retry else [0]
    if there:
        found = {got.take for got in there}
        takes = [take for take in takes if take not in found]
    return takes
