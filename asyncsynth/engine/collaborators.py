"""Who does the work of a run, each as the pipeline sees it: another transport, store or pace can stand in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from asyncsynth.engine.audience import Audience
from asyncsynth.engine.gate import Gate
from asyncsynth.store.answers import StoredAnswer
from asyncsynth.values import (
    Answered,
    Call,
    End,
    Failed,
    Finished,
    GivenUp,
    Need,
    RawCall,
    Rejected,
    Reply,
    Request,
    Row,
    Sample,
    Usage,
    Wanted,
)


class Endpoint(Protocol):
    async def send(self, request: Request) -> Reply: ...


class Meter(Protocol):
    """Estimates before a call and learns from what comes back; `longest`: bytes of a prompt that there is room for."""

    @property
    def longest(self) -> float: ...

    def need(self, request: Request) -> Need: ...
    def observe(self, need: Need, usage: Usage) -> None: ...
    def cost(self, usage: Usage) -> int | None: ...


class Backoff(Protocol):
    """Hands out retries, each with the seconds to wait before it; hears of every call."""

    def on_call(self) -> None: ...
    def take(self, attempt: int) -> float: ...


class Writer(Protocol):
    """The only one that touches files. It is told what happens; `written` returns when all of that is in the files.

    All but `run` raise StoreWriteFailed from the first write on that failed; `started` raises StoreTakenAway where
    nothing must be sent any more, and what is under way can still be kept.
    """

    @property
    def keeps_raw(self) -> bool:
        """Whether it wants to know what went over the wire."""

    def started(self, call: Call) -> None: ...
    def failed(self, failed: Failed, raw: RawCall | None = None) -> None: ...
    def answered(self, answered: Answered, raw: RawCall | None = None) -> StoredAnswer: ...
    def rejected(self, step: str, gate: str) -> None: ...
    def ended(self, end: Finished | Rejected | GivenUp) -> None: ...
    def given_up(self, given_up: GivenUp) -> None: ...
    async def written(self) -> None: ...
    async def close(self) -> None: ...
    async def run(self, on_end: Callable[[End], None] | None = None) -> None: ...


class Courses(Protocol):
    """What becomes of the samples that asked this.

    `answered`: what an answer alone puts into their records. `takes_left`: how many more replies may be paid for, if
    the one to this request is of no use. `asked_again`: the same request with another UUID, after so many `lost`
    ones. `follow`: what is to be asked now that its answer is kept, after so many of those. `condemned`: all keys whose
    answers don't come, as it looks now: dead letters are made of them later. `given_up`: the same end with their rows.
    `conclude`: the run is over; some samples that it did not come to may have their end by answers that they share.
    `asleep`: how many samples wait for an answer that another one has asked for. `to_make`: how many samples the run
    makes, as far as is known now; more may be needed than were planned.
    """

    @property
    def asleep(self) -> int: ...
    @property
    def to_make(self) -> int: ...

    def answered(self, sample: Sample, completion: str) -> tuple[Row, ...]: ...
    def takes_left(self, request: Request) -> int: ...
    def asked_again(self, request: Request, lost: int) -> Request: ...
    def follow(self, request: Request, answer: StoredAnswer, lost: int = 0) -> Iterable[Wanted]: ...
    def condemned(self, keys: Collection[str]) -> None: ...
    def given_up(self, end: GivenUp) -> GivenUp: ...
    def conclude(self) -> None: ...


class Supplier(Struct, frozen=True):
    """An endpoint, and what is known of it alone; `name` is the one in the config.

    `meters`: one for each step that it serves.
    """

    name: str
    endpoint: Endpoint
    meters: Mapping[str, Meter]
    backoff: Backoff


class Collaborators(Struct, frozen=True):
    """Who does the work. `now()` is in seconds since the epoch.

    Each request is made by one of the `suppliers`, whichever the gate lets send first; the gate knows them by their
    places.
    """

    requests: Iterator[Wanted | None]  # None: it is there already
    suppliers: Sequence[Supplier]
    gate: Gate
    writer: Writer
    courses: Courses
    now: Callable[[], float]
    audience: Audience
