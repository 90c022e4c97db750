"""The newest answers of a run that works, and how alike they are."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from asyncsynth.values import Row

if TYPE_CHECKING:
    from asyncsynth.quality.newest import Newest

NEWEST = 500  # answers
FEWEST = 100  # fewer tell nothing yet


class Look(NamedTuple):
    """Shares from 0 to 1: of answers that nearly repeat another one, and of the most common opening."""

    near_duplicates: float
    opening: float


class Window:
    """Keeps answers as they come, for nothing; a look costs about 0.1 ms for each that is new since the last one."""

    def __init__(self) -> None:
        self._answers: deque[tuple[str, str, Sequence[Row]]] = deque(maxlen=NEWEST)
        self.added = 0
        self._sketches: deque[Any] = deque(maxlen=NEWEST)
        self._sketched = 0

    def add(self, text: str, finish_reason: str, rows: Sequence[Row]) -> None:
        """An answer, and the rows of the samples that it belongs to."""
        self._answers.append((text, finish_reason, rows))
        self.added += 1

    def look(self) -> Look | None:
        """None: there are too few yet."""
        if len(self._answers) < FEWEST:
            return None
        # The first look comes half a minute after the first request, which waits for no more than it needs.
        from asyncsynth.quality.collapse import opening_of  # noqa: PLC0415 - see above
        from asyncsynth.quality.sketch import share_with_a_double  # noqa: PLC0415 - see above

        self._sketch_new()
        return Look(share_with_a_double(self._sketches), opening_of([text for text, _, _ in self._answers]).share)

    def newest(self, sizes: Mapping[str, int]) -> Newest | None:
        """All figures; `sizes` of the axes. None: there are too few yet."""
        if len(self._answers) < FEWEST:
            return None
        from asyncsynth.quality.newest import Seen, newest_of  # noqa: PLC0415 - at the end of a run only

        self._sketch_new()
        seen = [Seen(text, finish_reason) for text, finish_reason, _ in self._answers]
        return newest_of(seen, [row.combination for _, _, rows in self._answers for row in rows], sizes, self._sketches)

    def _sketch_new(self) -> None:
        from asyncsynth.quality.sketch import sketch_of  # noqa: PLC0415 - see `look`

        new = min(self.added - self._sketched, len(self._answers))
        self._sketches.extend(sketch_of(self._answers[place][0]) for place in range(-new, 0))
        self._sketched = self.added


def why_stop(look: Look, stop_when: Mapping[str, float]) -> str | None:
    """What has reached its bound, in words; None: nothing."""
    for name, bound in stop_when.items():
        share = getattr(look, name)
        if share >= bound:
            return f"quality.stop_when.{name} = {bound:g} is reached: it is {share:.0%} of the newest answers"
    return None
