"""Listens to a run for repetition: two figures while it works, and a word where the config says to stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from asyncsynth.engine.audience import Listener
from asyncsynth.quality.window import Look, Window, why_stop
from asyncsynth.store.answers import paid_of
from asyncsynth.values import Answered, End, Fault, Finished, Row

if TYPE_CHECKING:
    from asyncsynth.quality.newest import Newest

CHECKED_EVERY = 50  # answers
# Between two looks for a display, and before the first: a look costs up to 50 ms, and short runs are fast.
LOOK_S = 30.0


class Watch:
    """Passes on what it hears to `listener`. `why` the run should stop is None while it should go on; `on_collapse` is
    called once when that changes.
    """

    def __init__(self, listener: Listener, stop_when: Mapping[str, float], clock: Callable[[], float]) -> None:
        self.why: str | None = None
        self.on_collapse: Callable[[], None] = _nothing
        self.on_trouble: Callable[[Fault], None] = listener.on_trouble
        self.on_note: Callable[[str], None] = listener.on_note
        self._listener, self._stop_when, self._clock = listener, stop_when, clock
        self._window = Window()
        self._look: Look | None = None
        self._began = self._looked_at = clock()

    def on_end(self, end: End) -> None:
        if isinstance(end, Answered):
            if end.rows:  # else it is one of several steps, and its sample goes on
                self._add(end.answer.text, end.answer.finish_reason, end.rows)
        elif isinstance(end, Finished):
            main = end.answers[end.main]
            self._add(main.text, (main.paid or paid_of(main.told)).finish_reason, (end.row,))
        self._listener.on_end(end)

    def _add(self, text: str, finish_reason: str, rows: Sequence[Row]) -> None:
        self._window.add(text, finish_reason, rows)
        if self._stop_when and self.why is None and self._window.added % CHECKED_EVERY == 0:
            self._check()

    def look(self) -> Look | None:
        """The figures of a moment ago; None: there are too few answers, or the run has only begun."""
        now = self._clock()
        if now - self._looked_at >= LOOK_S:
            self._look, self._looked_at = self._window.look(), now
        return self._look

    def newest(self, sizes: Mapping[str, int]) -> Newest | None:
        """All figures of now, which take some 0.1 s; `sizes` of the axes. None as above."""
        return None if self._clock() - self._began < LOOK_S else self._window.newest(sizes)

    def _check(self) -> None:
        if (look := self._window.look()) is not None and (why := why_stop(look, self._stop_when)) is not None:
            self.why = why
            self.on_collapse()


def _nothing() -> None:
    pass
