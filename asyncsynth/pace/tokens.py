"""Tokens per minute: an exact sliding log, and a bucket in front of it that flattens bursts.

The log holds the last WINDOW_S = 60.5 s; the half second over the minute is for the network, see pace/requests.
The bucket holds BURST_S seconds' worth of the limit and leaks at the limit. The log alone would let a whole minute's
tokens out at once, which a provider that counts in a token bucket of 10 s refuses.
"""

from __future__ import annotations

from collections.abc import Sequence

from asyncsynth.pace.sliding_log import Entry, SlidingLog

WINDOW_S = 60.5
BURST_S = 5.0
SCARCE = 0.05  # of the limit: from here on the provider's "remaining" is believed
_ROUNDING_S = 1e-6


class TokenLimit:
    """At most `per_minute` tokens in any sliding minute.

    An amount above the whole limit goes alone, after a minute of nothing, and is paid off by a minute of nothing.
    `sent` are (time on the loop's clock, tokens) of earlier sends, ascending.
    """

    __slots__ = ("_level", "_level_at", "_log", "_per_minute")

    def __init__(self, per_minute: int, now: float, sent: Sequence[tuple[float, int]] = ()) -> None:
        self._per_minute = per_minute
        self._log = SlidingLog(WINDOW_S)
        self._level = 0.0
        self._level_at = sent[0][0] if sent else now
        for at, tokens in sent:
            self.take(tokens, at)

    @property
    def per_minute(self) -> int:
        """The limit in force: the configured one, or a lower one that the provider told."""
        return self._per_minute

    def used(self, now: float) -> int:
        """Tokens counted in the sliding minute."""
        return self._log.used(now)

    def room(self, now: float) -> int:
        """Tokens that may be taken now without passing the limit; negative while a debt is paid off."""
        return self._per_minute - self._log.used(now)

    def wait(self, amount: int, now: float) -> float:
        """Seconds until `amount` may be taken, if nothing else is; 0: now."""
        rate = self._per_minute / 60
        over = self._leaked(now) + min(amount - rate * BURST_S, 0.0) if amount else 0.0
        wait = over / rate + _ROUNDING_S if over > 0 else 0.0
        if amount > self.room(now):
            wait = max(wait, self._log.time_until(max(self._per_minute - amount, 0), now))
        return wait

    def take(self, amount: int, now: float) -> Entry:
        """Count `amount` at `now`; the entry is for correct()."""
        self._level = self._leaked(now) + amount
        self._level_at = now
        return self._log.add(amount, now)

    def correct(self, entry: Entry, difference: int) -> None:
        """The call of `entry` counted `difference` tokens more than was taken (negative: fewer)."""
        self._log.correct(entry, difference)
        self._level += difference

    def observe(self, limit: int | None, remaining: int | None, now: float) -> None:
        """Take the provider's headers as a ceiling; see RequestLimit.observe."""
        if limit is not None and 0 < limit < self._per_minute:
            self._level = self._leaked(now)
            self._level_at = now
            self._per_minute = limit
        if remaining is not None and 0 <= remaining <= self._per_minute * SCARCE:
            unknown_use = self.room(now) - remaining
            if unknown_use > 0:
                self._log.add(unknown_use, now)

    def _leaked(self, now: float) -> float:
        return max(self._level - (now - self._level_at) * self._per_minute / 60, 0.0)
