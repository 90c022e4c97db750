"""What becomes of samples that got no answer: they are put aside, condemned until their endpoint was well, or buried.

A condemned sample is a dead letter if something good comes after it; at the end of the run verdict.is_buried decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct

from asyncsynth.engine.backlog import Backlog
from asyncsynth.engine.collaborators import Courses, Writer
from asyncsynth.engine.verdict import History, Step, is_buried, named
from asyncsynth.engine.way import UNRENDERED
from asyncsynth.values import Action, Billing, Fault, GivenUp, Permit, Request, Sample, Unasked

TOO_LONG = "context_length"  # as where the endpoint says it


class Making(Struct, frozen=True, gc=False):
    """A sample on its way to its end."""

    request: Request
    history: History


class Unmade:
    """`on_courses()` is called where samples may have their end, or wait for others.

    Raises StoreWriteFailed where the writer did.
    """

    def __init__(
        self,
        backlog: Backlog[Making],
        courses: Courses,
        writer: Writer,
        *,
        now: Callable[[], float],
        on_courses: Callable[[], None],
    ) -> None:
        self._backlog = backlog
        self._courses = courses
        self._writer = writer
        self._now = now
        self._on_courses = on_courses
        self._condemned: list[Making] = []

    def end_or_put_aside(self, making: Making, step: Step) -> None:
        """Do with a sample what follows from its newest fault."""
        match step:
            case Step.WAIT:
                self._backlog.wait(making)
            case Step.PARK:
                self._backlog.park(making)
            case Step.CONDEMN:
                self._condemned.append(making)
                self._tell_condemned()
            case Step.GIVE_UP:
                self.bury(making)

    def bury(self, making: Making) -> None:
        """Make it a dead letter."""
        request, history = making.request, making.history
        assert history.last is not None
        self._end(request.sample, request.generation, request, named(history.last, history), history.sent)

    def give_up_unasked(self, wanted: Sample | Unasked) -> None:
        """A dead letter of what can't be asked at all."""
        if isinstance(wanted, Sample):
            wanted = Unasked(wanted, 0, UNRENDERED, wanted.problem or "", 0)
        fault = Fault(wanted.reason, Action.DEAD, Billing.NO, wanted.message)
        self._end(wanted.sample, wanted.generation, None, fault, wanted.attempts)

    def give_up_too_large(self, making: Making) -> None:
        """A dead letter of what is too large for each endpoint that is left."""
        if making.history.last is not None:
            self.bury(making)
            return
        why = "the request is longer than the context of its model, so no call was sent"
        self.give_up_unasked(Unasked(making.request.sample, making.request.generation, TOO_LONG, why, 0))

    def on_good_news(self, permit: Permit) -> None:
        """An endpoint was well when it took this call: what failed before can be decided."""
        if not (self._condemned or self._backlog.holds_aside):
            return

        def failed_before(making: Making) -> bool:
            return making.history.last_call < permit.number

        def failed_there(making: Making) -> bool:
            return failed_before(making) and making.history.endpoint == permit.endpoint

        if self._condemned:
            self._bury_those(failed_there)
        if self._backlog.holds_aside:
            self._backlog.release(failed_before)

    def pass_on_from(self, place: int) -> None:
        """What an endpoint that is closed refused and nobody paid for is no dead letter: others may make it."""
        condemned, self._condemned = self._condemned, []
        for making in condemned:
            last = making.history.last
            if making.history.endpoint == place and last is not None and last.billing is not Billing.YES:
                self._backlog.park(making)
            else:
                self._condemned.append(making)
        self._tell_condemned()
        self._backlog.release(lambda making: making.history.endpoint == place)

    def conclude(self, *, complete: bool, closed: Mapping[int, str]) -> None:
        """Nobody is at work any more: bury what verdict.is_buried says of those that were condemned."""

        def is_final(making: Making) -> bool:
            fault, stopped_for = making.history.last, closed.get(making.history.endpoint)
            return fault is not None and is_buried(fault, complete=complete, stopped_for=stopped_for)

        self._bury_those(is_final)

    def _bury_those(self, which: Callable[[Making], bool]) -> None:
        condemned, self._condemned = self._condemned, []
        for making in condemned:
            if which(making):
                self.bury(making)
            else:
                self._condemned.append(making)

    def _tell_condemned(self) -> None:
        self._courses.condemned({making.request.sample.key for making in self._condemned})
        self._on_courses()

    def _end(self, sample: Sample, generation: int, request: Request | None, fault: Fault, attempts: int) -> None:
        end = self._courses.given_up(GivenUp(sample, generation, request, fault, attempts, self._now(), ()))
        self._on_courses()
        self._writer.given_up(end)
