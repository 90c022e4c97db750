"""Ends of a sample that are there already, so that nothing has to be asked: by other takes, or at another step."""

from __future__ import annotations

from msgspec.structs import replace

from asyncsynth.engine.level import Ask, Level
from asyncsynth.engine.stage import is_beside_others
from asyncsynth.engine.trail import Dead, Done, End, Failed
from asyncsynth.engine.way import Shelf, Way


def known_end(way: Way, ask: Ask, *, begun: bool) -> End | None:
    """The end of a sample that needs not ask this; one that has `begun` has asked for something before.

    What was dropped is asked for whatever other takes there are.
    """
    end: End | None = None
    if not begun:
        end = None if ask.generation else end_by_other_takes(way)
        if end is None and is_beside_others(way.stages, ask.place):
            end = _bad_end_at_another_step(way.anew())
    if end is None and way.shelf.is_dead(ask.key):
        return ask.dead
    return end


def end_by_other_takes(way: Way) -> End | None:
    """The first good end of any takes that are there, the newest first, else the first bad one."""
    if not way.forks:
        return None
    way = way.anew()
    at: Level | End | None = way.begin()
    bad: End | None = None
    while at is not None and not isinstance(at, Done):
        if isinstance(at, Level) and at.there:
            at = way.after(at, at.there.pop())
            continue
        end = _bad_end_of(at, way.shelf) if isinstance(at, Level) else at
        bad = bad or end
        at = way.back_to_another_take(settled=end is not None)
    return at or bad


def _bad_end_of(level: Level, shelf: Shelf) -> Failed | Dead | None:
    """Of a step whose takes that are there were all rejected; None where a good one may still come."""
    if level.is_open:
        return None
    if not level.missing:
        return level.failed()
    ask = level.ask(shelf.generation)
    return ask.dead if shelf.is_dead(ask.key) else None


def _bad_end_at_another_step(way: Way) -> Failed | Dead | None:
    """The bad end that is there already where all that is missing is taken."""
    at = way.begin()
    while isinstance(at, Level):
        if at.there:
            at = way.after(at, at.there.pop())
        elif at.missing:
            ask = at.ask(way.shelf.generation)
            if way.shelf.is_dead(ask.key):
                return ask.dead
            at = way.after(at, ask.answered(None))
        else:
            at = at.failed()
    if not isinstance(at, Failed):
        return None
    return replace(at, answers=tuple(taken for taken in at.answers if taken.got.read is not None))
