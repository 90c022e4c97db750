"""Requests per minute: a leaky bucket (aiolimiter's, imported only here) and an exact log behind it.

The bucket holds b = 1 + R/600 requests and leaks SHARE * R / 60 of them a second. So any T seconds see at most
b + T * SHARE * R / 60 sends. For T = WINDOW_S = 60.4 that is 0.99927 R + 1, less than R + 1, and a count is whole:
at most R, for every R from 1 up. The 0.4 s over the minute are for the network: sends of 60.4 s can arrive within
60 s when one way takes up to 0.4 s longer than another. And the long run uses SHARE = 99.1% of R. No form can allow for
more than 60 s / 0.99 - 60 s = 0.606 s of spread and still use 99%.

b = R/200 with 60 * rate + b <= 0.999 R, for comparison, uses 98.2% at R = 60. R/600 is a tenth of a second of sends:
by so much a busy event loop may wake too late without losing any.

The log does the counting where the bucket alone can't know: sends of an earlier run, and a limit that was lowered.
"""

from __future__ import annotations

from collections.abc import Sequence

from aiolimiter import AsyncLimiter

from asyncsynth.pace.sliding_log import SlidingLog

SHARE = 0.991
WINDOW_S = 60.4
SCARCE = 0.05  # of the limit: from here on the provider's "remaining" is believed
_ROUNDING_S = 1e-6


class RequestLimit:
    """At most `per_minute` requests in any sliding minute; to be made and used inside a running loop.

    `sent` are the times of earlier sends on the loop's clock, ascending; those of an earlier run may be negative.
    """

    __slots__ = ("_bucket", "_factor", "_level", "_level_at", "_log", "_per_minute")

    def __init__(self, per_minute: int, now: float, sent: Sequence[float] = ()) -> None:
        self._per_minute = per_minute
        self._factor = 1.0
        self._level = 0.0  # of the bucket at _level_at: aiolimiter doesn't tell when there will be room
        self._level_at = sent[0] if sent else now
        self._log = SlidingLog(WINDOW_S)
        self._bucket = self._new_bucket()
        for at in sent:
            self._level = self._leaked(at) + 1.0
            self._level_at = at
            self._log.add(1, at)
        if sent:
            self._fill(self._leaked(now), now)

    @property
    def per_minute(self) -> int:
        """The limit in force: the configured one, or a lower one that the provider told."""
        return self._per_minute

    def used(self, now: float) -> int:
        """Requests counted in the sliding minute."""
        return self._log.used(now)

    def wait(self, now: float) -> float:
        """Seconds until one more request may be sent; 0: now."""
        wait = self._log.time_until(self._per_minute - 1, now)
        if not self._bucket.has_capacity():
            missing = self._leaked(now) + 1.0 - self._bucket.max_rate
            wait = max(wait, missing / self._rate, _ROUNDING_S)
        return wait

    def take(self, now: float) -> None:
        """Count a request that wait() allows now."""
        self._level = self._leaked(now) + 1.0
        self._level_at = now
        _acquire_at_once(self._bucket, 1)
        self._log.add(1, now)

    def scale(self, factor: float, now: float) -> None:
        """Send at `factor` (0 to 1) of the limit from now on."""
        if factor != self._factor:
            level = self._leaked(now)
            self._factor = factor
            self._bucket = self._new_bucket()
            self._fill(level, now)

    def observe(self, limit: int | None, remaining: int | None, now: float) -> None:
        """Take the provider's headers as a ceiling: they lower what we send, never raise it.

        `remaining` is believed when it is scarce. Before that it may mean a smaller bucket than a minute's, which
        our spreading keeps anyway.
        """
        if limit is not None and 0 < limit < self._per_minute:
            level = self._leaked(now)
            self._per_minute = limit
            self._bucket = self._new_bucket()
            self._fill(level, now)
        if remaining is not None and 0 <= remaining <= self._per_minute * SCARCE:
            unknown_use = self._per_minute - self._log.used(now) - remaining
            if unknown_use > 0:
                self._log.add(unknown_use, now)

    @property
    def _rate(self) -> float:
        return self._bucket.max_rate / self._bucket.time_period

    def _new_bucket(self) -> AsyncLimiter:
        burst = 1.0 + self._per_minute / 600
        rate = SHARE * self._per_minute * self._factor / 60
        return AsyncLimiter(burst, burst / rate)

    def _leaked(self, now: float) -> float:
        return max(self._level - (now - self._level_at) * self._rate, 0.0)

    def _fill(self, level: float, now: float) -> None:
        """Start the new bucket at `level`, at most full: more than that came at a higher rate, and is in the log."""
        self._level = min(level, self._bucket.max_rate)
        self._level_at = now
        if self._level > 0:
            _acquire_at_once(self._bucket, self._level)


def _acquire_at_once(bucket: AsyncLimiter, amount: float) -> None:
    """Run bucket.acquire() to its end; it doesn't suspend where there is capacity."""
    acquiring = bucket.acquire(amount)
    try:
        acquiring.send(None)
    except StopIteration:
        return
    acquiring.close()
    raise AssertionError("aiolimiter waited although has_capacity() said yes")
