"""The 429s of one sample, and whether they say that it asks for more than the limit ever gives."""

from __future__ import annotations

from msgspec import Struct

from asyncsynth.engine.health import Health
from asyncsynth.values import Fault, Permit

REFUSED_ALONE = 3  # times that a sample was refused although no limit can have been used up
BAD_LUCK = 1e-9  # less likely than this is no luck: then a sample's 429s are its own, not those of a storm


class Refusals(Struct):
    """A refused sample is the first to be sent again, until it is answered or was refused alone: after a minute in
    which nothing else was counted. Then it makes room until another one is answered. A storm refuses it alone, too, as
    often as it is sent; so what counts is how often others were answered between two times that it was alone, and that
    a sample like them would hardly ever be refused so often.

    Who is left at the end of a run has no others who could show it, and is not given up: that the run stops when it has
    lasted too long is engine/health's.
    """

    answers_before: int  # of the whole run, when this sample was first refused
    repeated_before: int  # as Health.repeated, the same
    endpoint: int = 0  # the place of the one that refuses it
    times: int = 0
    alone: int = 0
    now_alone: bool = False  # the newest one
    between: int = 0  # times alone, with an answer to another sample since the time before
    luck: float = 1.0  # the chance of so many of those, for a sample like the others of this run
    tokens: int = 0  # of the newest call, at least
    limit: int | None = None  # by the provider's headers, where no larger call's answer has belied it
    _answers_then: int = -1

    def add(self, fault: Fault, permit: Permit, health: Health) -> None:
        """One more, of which `health` knows."""
        self.times += 1
        self.tokens = permit.need.least_tokens
        self.limit = fault.hints.limit_tokens if fault.hints is not None else None
        if self.limit is not None and self.limit < health.most_tokens:
            self.limit = None
        self.now_alone = permit.alone
        if permit.alone:
            self.alone += 1
            self.between += health.answers > self._answers_then
            self._answers_then = health.answers
            # It was refused beside them first. What they had to repeat tells of storms, their first ones of the limit.
            refused, answered = health.repeated - self.repeated_before, health.answers - self.answers_before
            self.luck = ((refused + 1) / (refused + answered + 1)) ** self.between

    @property
    def above_limit(self) -> bool:
        return self.limit is not None and self.limit < self.tokens

    @property
    def hopeless(self) -> bool:
        """Whether waiting longer is of no use."""
        if self.above_limit and self.alone >= REFUSED_ALONE:
            return True
        return self.between >= REFUSED_ALONE and self.luck <= BAD_LUCK

    @property
    def words(self) -> str:
        """Why waiting would be of no use."""
        why = f"refused {self.times} times, {self.alone} of them after a minute in which nothing else was sent"
        if self.above_limit:
            why = f"it has at least {self.tokens:,} tokens, above the limit of {self.limit:,} a minute; {why}"
        return f"too large for the endpoint's limit: {why}"
