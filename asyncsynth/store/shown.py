"""The recipe that the views were made by, as far as they show it: the keys of its answers."""

from __future__ import annotations

from collections.abc import Iterator

from asyncsynth.store.contents import Contents


class ShownBefore:
    """What was there when the views were noted last, with what came after."""

    def __init__(self, there: Contents) -> None:
        self._there = there

    @property
    def order(self) -> str:
        """Of the recipe that made the views."""
        return self._there.views.order

    def sample_keys(self) -> Iterator[str]:
        """Keys of its answers; of all answers where the views lost some of what was noted of them."""
        there, shown = self._there, 0
        for shown, key in enumerate(there.keys_in_views(), 1):  # noqa: B007 - counts
            yield key
        if shown < there.views.records.lines + there.views.failures.lines:
            yield from there.answered
        yield from there.new_answers
