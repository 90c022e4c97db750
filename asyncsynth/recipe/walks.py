"""An order of the product of ranges that is even at every prefix, by arithmetic: nothing is enumerated or remembered.

With ranges of n_1, n_2, ... numbers and L their least common multiple, a walk is t = 0 .. L-1, with number
(t + o_j) mod n_j of range j. The offset o_j has g_j = gcd(lcm(n_1 .. n_{j-1}), n_j) choices, 0 .. g_j - 1.

Exact: the first j-1 numbers and offsets fix t modulo M = lcm(n_1 .. n_{j-1}); v_j = t + o_j (mod n_j) then has a
  solution t modulo lcm(M, n_j) just when o_j = v_j - t (mod g_j): one o_j, and one such t (Chinese remainders).
Even: of every range any n_j steps in a row, over the end of a walk too, take each number once; whole walks are even.

So product(g_j) walks of L steps are the product, each combination once, and in every prefix the counts of a range's
numbers differ by at most one, from whatever step each walk starts and in whatever order the walks come. Both are drawn
from the seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd, lcm, prod

from asyncsynth.recipe.permutation import Permutation, keys_of, mix


class Walks:
    """The product of ranges of these sizes: `size` combinations, in `count` walks of `length` steps each."""

    __slots__ = ("_seed", "_wheels", "count", "length", "size", "sizes")

    def __init__(self, sizes: Sequence[int], seed: int | str) -> None:
        self.sizes = tuple(sizes)
        self.size = prod(sizes)
        self.length, choices = 1, []
        for size in sizes:
            choices.append(gcd(self.length, size))
            self.length = lcm(self.length, size)
        self.count = prod(choices)
        self._wheels = list(zip(reversed(choices), reversed(self.sizes), strict=True))
        self._seed = seed

    def order(self, repeat: int) -> Order:
        """The order in which the walks come in a repeat."""
        return Order(self, self._seed, repeat)

    def at(self, position: int, repeat: int = 0) -> list[int]:
        """The combination at a position below `size`: a number of each range."""
        return self.order(repeat).numbers(*divmod(position, self.length))

    def numbers(self, walk: int, step: int) -> list[int]:
        """The numbers at a step of a walk, whose own number has the offsets as its digits."""
        numbers = []
        for choices, size in self._wheels:
            walk, offset = divmod(walk, choices)
            numbers.append((step + offset) % size)
        numbers.reverse()
        return numbers


class Order:
    """Which walk is the n-th, and at which of its steps it starts."""

    __slots__ = ("_key", "_permutation", "_walks")

    def __init__(self, walks: Walks, seed: int | str, repeat: int) -> None:
        self._walks = walks
        self._permutation = Permutation(walks.count, f"{seed}/walks/{repeat}")
        self._key = keys_of(f"{seed}/steps/{repeat}")[0]

    def numbers(self, index: int, step: int = 0) -> list[int]:
        """The numbers so many steps after the start of the walk that has this place in the order."""
        walk = self._permutation.at(index)
        return self._walks.numbers(walk, mix(walk, self._key) + step)
