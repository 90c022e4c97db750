"""What a recipe makes of answers, as the checks ask for it; models read nothing but the files."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import NamedTuple, Protocol

from tests.simulation.books import Books, Line


class Counts(NamedTuple):
    """As in engine/inventory."""

    there: int
    dead: int
    to_make: int
    requests: int
    left: int


class Model(Protocol):
    """A recipe, given the books."""

    def views(self, books: Books) -> tuple[list[Line], list[Line]]:
        """Records and failures; of a message only what is known from here."""

    def funnel(self, books: Books) -> dict[str, Line]:
        """By step the answers that came, those that each gate rejected, and the samples that were given up."""

    def counts(self, books: Books) -> Counts: ...

    def belonging(self, books: Books) -> AbstractSet[str]:
        """The keys of the answers that are there and belong to a sample."""

    def may_be_asked(self, books: Books) -> AbstractSet[str]:
        """All keys that a run may have asked for that left these books."""

    def ended(self, books: Books) -> int:
        """Samples that have an end."""

    def made(self, books: Books) -> int:
        """Samples that have a good end."""

    def largest_request(self, books: Books) -> int:
        """Bytes that a request and what goes with it can have, at most."""
