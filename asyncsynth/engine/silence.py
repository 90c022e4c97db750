"""The faults of a run that no answer has disproved: to no call that was sent after theirs has an answer come yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from msgspec import Struct

from asyncsynth.values import Fault


class Noted(Struct, frozen=True):
    """One of them."""

    number: int  # of the call; they grow with the time of sending
    fault: Fault
    kind: str
    key: str  # of the sample
    at: float  # when it came back
    perhaps: int  # picodollars that it may have cost


class Silence:
    """Faults in the order in which they came back."""

    __slots__ = ("_newest", "faults")

    def __init__(self) -> None:
        self.faults: list[Noted] = []
        self._newest = 0

    def add(self, noted: Noted) -> None:
        self.faults.append(noted)
        self._newest = max(self._newest, noted.number)

    def break_at(self, number: int) -> Counter[str]:
        """This call was answered: forget the faults of those sent before; how many of each kind they were."""
        if number > self._newest:
            gone, self.faults = self.faults, []
        else:
            gone = [noted for noted in self.faults if noted.number < number]
            self.faults = [noted for noted in self.faults if noted.number > number]
        return Counter(noted.kind for noted in gone)

    @property
    def newest(self) -> list[Fault]:
        """The newest one of each kind."""
        return list({noted.kind: noted.fault for noted in self.faults}.values())

    @property
    def samples(self) -> int:
        return len({noted.key for noted in self.faults})

    @property
    def perhaps(self) -> int:
        """Picodollars that may have been paid for nothing."""
        return sum(noted.perhaps for noted in self.faults)

    @property
    def newest_perhaps(self) -> Fault | None:
        """The newest one that may have been paid for."""
        return next((noted.fault for noted in reversed(self.faults) if noted.perhaps), None)

    def times(self, kind: str) -> int:
        return sum(noted.kind == kind for noted in self.faults)

    def since(self, kind: str) -> float | None:
        """When the first of this kind came back."""
        return next((noted.at for noted in self.faults if noted.kind == kind), None)

    def sent_meanwhile(self, under_way: Iterable[int], kind: str) -> int:
        """How many of these calls were sent after the first of this kind; their answers would disprove it."""
        first = min(noted.number for noted in self.faults if noted.kind == kind)
        return sum(number > first for number in under_way)
