"""Replays manifest.jsonl into a State without parsing most of its lines: those of calls that a record ended."""

from __future__ import annotations

from asyncsynth.errors import StoreDamaged, StoreError
from asyncsynth.store.encoding import encode
from asyncsynth.store.files import Files
from asyncsynth.store.journal import Source, read_lines, scan
from asyncsynth.store.manifest import Line, call, parse
from asyncsynth.store.state import RECENT_S, RecentCalls, State, newer_schema
from asyncsynth.values import Call

_SHAPELESS = b"0123456789abcdef.+-"  # of numbers and keys
_EXAMPLES = tuple(encode(call(Call("0" * 32, 0, 1, 0.5, 1, reserved)))[:-1] for reserved in (1, None))
_SHAPES = frozenset(line.translate(None, _SHAPELESS) for line in _EXAMPLES)
_KEY_AT = _EXAMPLES[0].index(b"0" * 32)
_KEY, _KEY_END = slice(_KEY_AT, _KEY_AT + 32), _KEY_AT + 32
_QUOTE = ord('"')


class Replay:
    """Takes the lines in order. A `call` line waits, unparsed, for the next line of its key: mostly its record's.

    Whether a line is a `call` line is known by its shape: what is left of it without the hex digits and signs.
    """

    def __init__(self, manifest: Source, state: State) -> None:
        self._manifest, self._state = manifest, state
        self._waiting: dict[bytes, bytes] = {}  # key -> its `call` line, which the state does not have yet
        self._marks: list[tuple[int, float]] = []  # (offset, send time of a call soon after it)

    def run(self, files: Files, calls_since: float) -> int:
        """Returns where the good lines end; recent calls are those sent at `calls_since` or later.

        Raises StoreDamaged, or StoreError for a manifest of a later version.
        """
        end = scan(files, self._manifest.fd, self._manifest.path, self._take)
        self._settle_all()
        self._remember_recent(files, end, calls_since)
        return end

    def _take(self, lines: list[bytes], offset: int) -> int:
        waiting, mark = self._waiting, True
        for number, line in enumerate(lines):
            if line.translate(None, _SHAPELESS) in _SHAPES and line[_KEY_END] == _QUOTE:
                key = line[_KEY]
                if key in waiting:
                    self._settle(key)
                waiting[key] = line
                if mark:
                    mark = False
                    self._mark(line, offset)
            elif not self._take_other(line):
                return number
        return len(lines)

    def _take_other(self, line: bytes) -> bool:
        value = parse(line)
        return value is not None and self._apply(value)

    def _apply(self, value: Line) -> bool:
        state, kind = self._state, value["type"]
        if kind == "records":
            return self._apply_records(value)
        if kind == "run":
            self._settle_all()  # the calls so far belong to the run before
        elif "key" in value:
            self._settle(str(value["key"]).encode())
        if not state.apply(value):
            return False
        if kind == "header" and newer_schema(state):
            raise StoreError(
                f"{self._manifest.path} was written by a later version of asyncsynth ({value.get('version')})",
                hint="use that version, or another --output",
            )
        return True

    def _apply_records(self, value: Line) -> bool:
        if not self._state.apply(value):
            return False
        waiting = self._waiting
        before = len(waiting)
        for key in "\n".join(value["keys"]).encode().split(b"\n"):
            waiting.pop(key, None)
        self._state.ledger.current.calls += before - len(waiting)
        return True

    def _settle_all(self) -> None:
        for key in tuple(self._waiting):
            self._settle(key)

    def _settle(self, key: bytes) -> None:
        line = self._waiting.pop(key, None)
        if line is None:
            return
        value = parse(line)
        if value is None or not self._state.apply(value):
            raise StoreDamaged(
                f"{self._manifest.path}: a `call` line of the sample {key.decode()} can't be read; "
                "no crash of asyncsynth leaves that behind",
                hint="put the line right or delete it, or restore the file from a copy; nothing was changed",
            )

    def _mark(self, line: bytes, offset: int) -> None:
        value = parse(line)
        if value is not None:
            self._marks.append((offset, float(value["sent_at"])))

    def _remember_recent(self, files: Files, end: int, since: float) -> None:
        """Reads the last calls once more, from the last mark on that is old enough."""
        recent = self._state.recent = RecentCalls()
        newest = self._marks[-1][1] if self._marks else 0.0
        old = max(since, newest - RECENT_S)
        start = next((offset for offset, sent_at in reversed(self._marks) if sent_at < old), 0)
        for offset, line in read_lines(files, self._manifest.fd, start):
            if offset >= end:
                break
            value = parse(line)
            if value is not None and value["type"] == "call":
                recent.add(value["sent_at"], value["tokens"])
