"""The course of a sample: a synchronous function of the answers so far, which says the next request, or the end.

It is a generator: it yields what is to be asked, is sent the answer, and returns the sample's end. What is there
already it looks up, so it begins where an earlier run ended.

A step may have several answers, its takes: each was asked for because the one before was rejected. So the newest take
that passes is the step's answer. Where gates have changed, older takes are looked at again, the newest first, and only
then another one is asked for. A judge rejects the answer of an earlier step, which then goes on to another take.

Nothing is asked, and nothing given up, where other takes lead to a good end that is all there. Nor is anything asked
where they led to a bad one, or to what was given up on: then the newest take was asked for by another sample, which
shares it, or passes since gates were changed. Nor where a step that needs nothing of what is missing has come to a bad
end.
"""

from __future__ import annotations

from collections.abc import Generator

from asyncsynth.engine.foresight import end_by_other_takes, known_end
from asyncsynth.engine.level import Ask, Level
from asyncsynth.engine.stage import Got, Stages
from asyncsynth.engine.trail import Done, End
from asyncsynth.engine.way import OnRejected, Shelf, Way
from asyncsynth.values import Sample

Course = Generator[Ask, Got, End]


def course(stages: Stages, sample: Sample, shelf: Shelf, on_rejected: OnRejected | None = None) -> Course:
    """The course of a sample whose first request can be rendered.

    `on_rejected` hears of each answer that is of no use, once it was sent the answer that tells.
    """
    way, begun = Way(stages, sample, shelf), False
    at = way.begin()
    while isinstance(at, Level):
        if at.there:
            at = way.after(at, at.there.pop())
        elif not at.missing:
            at = at.failed()
        else:
            ask = at.ask(shelf.generation)
            if not shelf.is_empty:
                if (read := shelf.answer(ask.key)) is not None:  # another sample has asked for it since
                    way.forks = True
                    at = way.after(at, ask.answered(read))
                    continue
                if (end := known_end(way, ask, begun=begun)) is not None:
                    return end
            got = yield ask
            begun = True
            if got.read is not None:
                way.came[got.key] = got.read
            if got.lost:
                at.lost += got.lost
            at = way.after(at, got, on_rejected)
    if isinstance(at, Done):
        return at
    other = end_by_other_takes(way)
    return other if isinstance(other, Done) else at


def first_of(way: Course) -> Ask | End:
    """What is asked first, or the end."""
    try:
        return next(way)
    except StopIteration as stop:
        end: End = stop.value
        return end
