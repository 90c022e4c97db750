"""What the manifest notes of the views, so that the next run knows whether it can trust them, and what they lack."""

from __future__ import annotations

from types import MappingProxyType
from typing import NamedTuple
from zlib import crc32

from msgspec import Struct

from asyncsynth.store.funnel import Figures, figures_line, figures_of
from asyncsynth.store.manifest import Line

TYPED = ("cost_usd", "flags")  # fields of a record that may be null or empty at first and are not later


class Extent(NamedTuple):
    """So many lines in so many bytes with this CRC-32."""

    lines: int = 0
    size: int = 0
    checksum: int = 0

    def grown(self, lines: int, data: bytes) -> Extent:
        """With so many lines more, which are `data`."""
        return Extent(self.lines + lines, self.size + len(data), crc32(data, self.checksum))


class Reach(NamedTuple):
    """How far a recipe of steps has come in the order of its samples: the first `ended` have their end, and none behind
    the first `begun` has an answer. `left` answers belong to no sample.
    """

    ended: int = 0
    begun: int = 0
    left: int = 0


class Mark(Struct, frozen=True):
    """What the views hold of the first `answers` bytes of answers.jsonl, by the recipe of this fingerprint and order.

    `unrendered`: failures that are no dead letters, since only their record template failed. `dead`: how many `dead`
    lines of the manifest are in it. `typed`: for each field of TYPED the place of the first record in which it says
    something, -1 where none does. `funnel`: what became of the answers of each step. `reach`: of a recipe of steps.
    Without a recipe nothing is known of the views: the next run makes them anew.
    """

    recipe: str = ""
    order: str = ""
    answers: int = 0
    records: Extent = Extent()
    failures: Extent = Extent()
    unrendered: int = 0
    dead: int = 0
    typed: tuple[int, ...] = (-1,) * len(TYPED)
    funnel: Figures = MappingProxyType({})
    reach: Reach = Reach()

    @property
    def samples(self) -> int:
        """How many samples have their answer."""
        return self.records.lines + self.unrendered

    def line(self) -> Line:
        """The manifest's `views` line."""
        return {
            "type": "views",
            "recipe": self.recipe,
            "order": self.order,
            "answers": self.answers,
            "records": tuple(self.records),
            "failures": tuple(self.failures),
            "unrendered": self.unrendered,
            "dead": self.dead,
            "typed": self.typed,
            "reach": tuple(self.reach),
            **({"funnel": figures_line(self.funnel)} if self.funnel else {}),
        }


def mark_of(line: Line) -> Mark:
    """The mark of a `views` line, which was sealed. TypeError where it is none."""
    return Mark(
        line["recipe"],
        line["order"],
        line["answers"],
        Extent(*line["records"]),
        Extent(*line["failures"]),
        line["unrendered"],
        line["dead"],
        tuple(line["typed"]),
        figures_of(line.get("funnel", {})),
        Reach(*line["reach"]),
    )
