"""Replays manifest.jsonl into a State; of `calls` lines it parses few, for where a run ends all its calls have."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from asyncsynth.errors import StoreError
from asyncsynth.store.files import Files
from asyncsynth.store.manifest import BEGIN, Line, calls_head, parse
from asyncsynth.store.scan import Format, Source, Tail, read_lines, scan
from asyncsynth.store.state import State, newer_schema

ADVICE = "restore it from a copy, or remove it: it is made anew from answers.jsonl, without drops and dead letters"
_CALLS = b'{"type":"calls"'
_FORMAT = Format(BEGIN, lambda line: parse(line) is not None, ADVICE)


class Replay:
    """Takes the lines in order; then looks at those of a run without an end once more, for calls without an end."""

    def __init__(self, files: Files, manifest: Source, state: State, calls_since: float) -> None:
        self._files, self._manifest, self._state = files, manifest, state
        self._calls_since = calls_since
        self._run_from = 0  # what follows belongs to a run that has not ended
        self._calls_are_open = False  # perhaps: some were sent in that run

    def run(self) -> Tail:
        """How the file ends. Raises StoreDamaged, or StoreError for a manifest of another version."""
        tail = scan(self._files, self._manifest, self._take, _FORMAT)
        if tail.whole_line is not None and not self._take([tail.whole_line], tail.end):
            tail = Tail(tail.end)
        if self._calls_are_open:
            for line in self._since_the_run_began(tail):
                if (value := parse(line)) is not None:
                    self._state.calls.apply(value)
        return tail

    def _take(self, lines: list[bytes], offset: int) -> int:
        for number, line in enumerate(lines):
            if not (self._take_calls(line) if line.startswith(_CALLS) else self._take_other(line, offset)):
                return number
            offset += len(line) + 1
        return len(lines)

    def _take_calls(self, line: bytes) -> bool:
        head = calls_head(line)
        if head is None:
            return False
        self._state.count_calls(head)
        self._calls_are_open = True
        if head.until >= self._calls_since:
            self._state.recent.add(orjson.loads(line)["calls"])
        return True

    def _take_other(self, line: bytes, offset: int) -> bool:
        value = parse(line)
        if value is None or not self._state.apply(value):
            return False
        kind = value["type"]
        if kind in ("run", "run_end"):
            self._run_from, self._calls_are_open = offset, False
        elif kind == "header":
            self._check_version(value)
        return True

    def _check_version(self, header: Line) -> None:
        if newer_schema(self._state):
            raise StoreError(
                f"{self._manifest.path} was written by another version of asyncsynth ({header.get('version')})",
                hint="use that version, or another --output",
            )

    def _since_the_run_began(self, tail: Tail) -> Iterator[bytes]:
        for _, line in read_lines(self._files, self._manifest.fd, self._run_from):
            yield line
        if tail.whole_line is not None:
            yield tail.whole_line
