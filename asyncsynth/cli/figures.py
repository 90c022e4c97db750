"""The figures of the newest answers, as `status` and the end of a run show them."""

from __future__ import annotations

from collections.abc import Iterator

from asyncsynth.quality.coverage import Coverage
from asyncsynth.quality.newest import Newest
from asyncsynth.text import printable_line

AXES_SHOWN = 12


def figures(found: Newest) -> Iterator[str]:
    """A line each."""
    alike = found.collapse
    shortest, median, longest = alike.words
    opening = f' ("{printable_line(alike.opening.words, 40)}")' if alike.opening.share else ""
    yield f"the newest {alike.texts:,} answers (compare with answers as long: short ones repeat less by nature)"
    for name, told in [
        ("nearly repeat another one", f"{alike.near_duplicates:.1%}"),
        ("begin with the same three words", f"{alike.opening.share:.1%}{opening}"),
        ("share eight words with another", f"{alike.shared_runs:.1%}"),
        ("different pairs of words", f"{alike.distinct_pairs:.1%}"),
        ("compress to", f"1/{alike.compression:.1f}"),
        ("words", f"{shortest:,} to {longest:,}, median {median:,.0f}"),
        ("begin by refusing", f"{found.refusals:.1%}"),
        ("cut off at max_tokens", f"{found.truncated:.1%}"),
        *((f"axis {printable_line(axis.axis, 26)}", _covered(axis)) for axis in found.coverage[:AXES_SHOWN]),
    ]:
        yield f"  {name:<32} {told}"


def _covered(axis: Coverage) -> str:
    there = f" of {axis.there:,}" if axis.there else ""
    each = f"{axis.fewest:,}" if axis.fewest == axis.most else f"{axis.fewest:,} to {axis.most:,}"
    return f"{axis.seen:,}{there} values, {each} samples each"
