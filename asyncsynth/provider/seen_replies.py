"""Whether a reply was seen before, as the answer to another request: then it is a late copy, and no answer to this one.

A reply is known by its own id; where that is short enough to be drawn twice, or there is none, by all its bytes. Some
endpoints repeat themselves by nature: a constant id, ids made of the time, canned texts, one-word answers. The first
replies on new connections show it, where no late copy can be; then nothing follows from it any more.
"""

from __future__ import annotations

from msgspec import Struct

REMEMBERED = 8192  # replies, at least; late copies come within seconds
LONG_ID = 20  # characters; shorter ones are counters, or drawn from few
# First replies of connections running that were there before, all bytes alike, until nothing follows from that: bytes
# alone may well be alike, but the same id for another request takes an endpoint that has few of them.
BODIES_ALIKE, IDS_ALIKE = 1, 3
_TAIL = 256  # bytes; together with its length they tell a body from another one that has the same id


class _Seen(Struct, frozen=True):
    request: int
    body: int


class SeenReplies:
    """The newest replies of one endpoint, in memory that does not grow."""

    __slots__ = ("_bodies", "_count", "_ids")

    def __init__(self) -> None:
        self._count = 0
        self._ids = _Marks(IDS_ALIKE)
        self._bodies = _Marks(BODIES_ALIKE)

    @property
    def needs_new_connection(self) -> bool:
        """Whether the next reply is to be the first of its connection, so that it shows if all of them are alike."""
        return self._count == 1

    def is_copy(self, reply_id: str | None, body: bytes, request: bytes, *, is_first: bool) -> bool:
        """Whether this reply was an answer to another request before; remembers it. `is_first`: on its connection."""
        self._count += 1
        asked = hash(request)
        if reply_id is not None and len(reply_id) >= LONG_ID:
            seen = _Seen(asked, hash((len(body), body[-_TAIL:])))
            if not self._ids.say_nothing:
                is_anothers = self._ids.belongs_to_another(hash(reply_id), seen, is_first=is_first)
                if is_anothers or (is_anothers is None and self._count > 1):
                    return is_anothers is not None
                # The first reply, or one that is taken in spite of its id: only its bytes tell it from a copy of it.
            elif not is_first and not self._bodies.say_nothing and self._ids.were_with(hash(reply_id), seen):
                return True
        if self._bodies.say_nothing:
            return False
        mark = hash(body)
        return bool(self._bodies.belongs_to_another(mark, _Seen(asked, mark), is_first=is_first))


class _Marks:
    """What replies are known by; the older half is forgotten at a time."""

    __slots__ = ("_most", "_newer", "_older", "_repeated", "say_nothing")

    def __init__(self, most: int) -> None:
        self._most = most
        self.say_nothing = False  # this endpoint's replies have the same marks by nature
        self._newer: dict[int, _Seen] = {}
        self._older: dict[int, _Seen] = {}
        self._repeated = 0

    def belongs_to_another(self, mark: int, seen: _Seen, *, is_first: bool) -> bool | None:
        """Whether the mark was there for another request; None where it is new. It is there afterwards."""
        before = self._newer.get(mark) or self._older.get(mark)
        if before is None:
            self._repeated = 0
            self._remember(mark, seen)
            return None
        if before.request == seen.request:  # asked again, and a cache on the way answered
            return False
        if is_first:
            self._repeated += 1
            is_constant = len(self._newer) == 1 and not self._older
            self.say_nothing = is_constant or before.body != seen.body or self._repeated >= self._most
            if is_constant:
                self._newer.clear()
        return not self.say_nothing

    def were_with(self, mark: int, seen: _Seen) -> bool:
        """Whether another request had this mark, with such a body, before marks said nothing any more."""
        before = self._newer.get(mark) or self._older.get(mark)
        return before is not None and before.body == seen.body and before.request != seen.request

    def _remember(self, mark: int, seen: _Seen) -> None:
        if len(self._newer) >= REMEMBERED:
            self._older, self._newer = self._newer, {}
        self._newer[mark] = seen
