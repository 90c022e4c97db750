"""The 429s of one sample, and whether they say that it asks for more than the limit ever gives."""

from __future__ import annotations

from msgspec import Struct

from asyncsynth.engine.health import Health
from asyncsynth.values import Fault, Permit

REFUSED_ALONE = 3  # times that a sample was refused although no limit can have been used up
REFUSED_ALONE_FOR_LONG = 20  # the same, where nobody is left whose answers could come between
BAD_LUCK = 1e-9  # less likely than this is no luck: then a sample's 429s are its own, not those of a storm


class Refusals(Struct):
    """A refused sample is the first to be sent again, until it is answered or was refused alone: after a minute in
    which nothing else was counted. A storm refuses it alone, too; so that counts only where others were answered since
    the last time, and where a sample that is refused as often as the others would hardly ever be refused that often.
    """

    answers_before: int  # of the whole run, when this sample was first refused
    refusals_before: int
    endpoint: int = 0  # the place of the one that refuses it
    times: int = 0
    alone: int = 0
    now_alone: bool = False  # the newest one
    between: int = 0  # times alone, with an answer to another sample since the time before
    luck: float = 1.0  # the chance of so many refusals, for a sample like the others of this run
    tokens: int = 0  # of the newest call, at least
    limit: int | None = None  # by the provider's headers, where no larger call's answer has belied it
    _answers_then: int = -1

    def add(self, fault: Fault, permit: Permit, health: Health) -> None:
        """One more, of which `health` knows."""
        self.times += 1
        others_refused = max(health.refusals - self.refusals_before - self.times, 0)
        others_answered = health.answers - self.answers_before
        self.luck = ((others_refused + 1) / (others_refused + others_answered + 1)) ** self.times
        self.tokens = permit.need.least_tokens
        self.limit = fault.hints.limit_tokens if fault.hints is not None else None
        if self.limit is not None and self.limit < health.most_tokens:
            self.limit = None
        self.now_alone = permit.alone
        if permit.alone:
            self.alone += 1
            self.between += health.answers > self._answers_then
            self._answers_then = health.answers

    @property
    def above_limit(self) -> bool:
        return self.limit is not None and self.limit < self.tokens

    @property
    def hopeless(self) -> bool:
        """Whether waiting longer is of no use."""
        if self.above_limit and self.alone >= REFUSED_ALONE:
            return True
        often = self.between >= REFUSED_ALONE or self.alone >= REFUSED_ALONE_FOR_LONG
        return often and self.luck <= BAD_LUCK

    @property
    def words(self) -> str:
        """Why waiting would be of no use."""
        why = f"refused {self.times} times, {self.alone} of them after a minute in which nothing else was sent"
        if self.above_limit:
            why = f"it has at least {self.tokens:,} tokens, above the limit of {self.limit:,} a minute; {why}"
        return f"too large for the endpoint's limit: {why}"
