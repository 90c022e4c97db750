"""A step on the way of a sample, with its takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from asyncsynth.engine.stage import Read, Rejection, Stage
from asyncsynth.engine.trail import Ask, Failed, Got, Trail
from asyncsynth.values import Request, Sample


class Level:
    """A step on the way of a sample: its takes that are there, the newest last, and those that may be asked for."""

    __slots__ = ("_keys", "_last", "_sample", "is_open", "lost", "missing", "place", "stage", "taken", "there", "trail")

    def __init__(
        self,
        place: int,
        stage: Stage,
        sample: Sample,
        trail: Trail,
        keys: Callable[[int], str],
        there: list[Got],
    ) -> None:
        self.place, self.stage, self.trail, self.there = place, stage, trail, there
        self._sample, self._keys = sample, keys
        self.missing = _missing(there, stage.step.retry) if there else list(range(stage.step.retry + 1))
        self.is_open = False  # whether a take of it may still lead to a good end, by what is not there yet
        self.lost = 0  # replies that were paid and of no use
        self.taken: Got | None = None
        self._last: tuple[Got, Rejection] | None = None  # the newest that was rejected

    def ask(self, generation: Callable[[str], int]) -> Ask:
        """What asks for the next take."""
        take = self.missing.pop(0)
        key = self._keys(take)
        dropped = generation(key)
        left = len(self.missing) - self.lost
        spent = self._last[1] if left < 0 and self._last is not None else None
        request = partial(self._request, key, dropped, take)
        return Ask(self.stage.step, self.place, key, take, dropped, request, max(left, 0), spent)

    def reject(self, got: Got, rejection: Rejection) -> None:
        """One take less, in whatever order they were looked at."""
        if self._last is None or got.take > self._last[0].take:
            self._last = got, rejection

    def failed(self) -> Failed:
        """The end where no take is left."""
        assert self._last is not None
        got, rejection = self._last
        return Failed(got.step, self.stage.step.lane, rejection, got.take + 1, got)

    def _request(self, key: str, generation: int, take: int) -> Request:
        step, passed, last = self.stage.step, self.trail.passed, self._last
        rejected = None
        if step.shows_reason and last is not None and last[0].read is not None:
            rejected = last[0].read().text, last[1].why
        values = {}
        for name in step.needs:
            values[name] = passed[name].value()
        sample = Sample(key, self._sample.combination, self._sample.repeat)
        return step.request(sample, values, take=take, generation=generation, rejected=rejected)


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


def _missing(there: Sequence[Got], retry: int) -> list[int]:
    """The takes that may be asked for."""
    found = [got.take for got in there]
    return [take for take in range(retry + 1) if take not in found]
