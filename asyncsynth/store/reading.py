"""Reads an output directory into a State, and says what would have to be repaired; changes nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from asyncsynth.errors import StoreDamaged, StoreError
from asyncsynth.store.answers import AnswerFacts, facts_of_line
from asyncsynth.store.files import Files
from asyncsynth.store.groups import Grouping, changed_group
from asyncsynth.store.journal import Source, Tail, read_lines, scan
from asyncsynth.store.manifest import Line, parse, seal
from asyncsynth.store.state import State, newer_schema

FORGET = "restore it from a copy, or remove it: it is made anew from answers.jsonl, without dead letters and faults"
REBUILD = (
    "restore it from a copy. Without one: put the line right or delete it, and remove manifest.jsonl, which is made "
    "anew from the answers; an answer that you delete is paid again"
)


@dataclass(slots=True)
class Reading:
    """A State, how both files end, and what the manifest lacks."""

    state: State
    manifest: Tail = field(default_factory=Tail)
    answers: Tail = field(default_factory=Tail)
    unnoted: int = 0  # where the answers begin that the manifest had not noted as synced
    group_lines: list[bytes] = field(default_factory=list)  # `answers` lines that the manifest lacks


def read_files(
    files: Files, manifest: Source | None, answers: Source | None, *, calls_since: float = -math.inf
) -> Reading:
    """Replays both files; of the calls before `calls_since` (seconds since the epoch) no times are remembered.

    Raises StoreDamaged, or StoreError for a manifest of another version.
    """
    reading = Reading(State(calls_since))
    if manifest is not None:
        reading.manifest = _replay(files, manifest, reading.state)
    if answers is not None:
        _read_answers(files, answers, reading)
    elif len(reading.state.places):
        raise StoreDamaged(
            "answers.jsonl is gone, and manifest.jsonl knows of answers in it",
            hint="put answers.jsonl back; or remove manifest.jsonl too, and all is made, and paid, anew",
        )
    return reading


def _replay(files: Files, manifest: Source, state: State) -> Tail:
    def take(lines: list[bytes], _: int) -> int:
        for number, line in enumerate(lines):
            value = parse(line)
            if value is None or not state.apply(value):
                return number
            if value["type"] == "header":
                _check_version(manifest, state, value)
        return len(lines)

    return scan(files, manifest, take, is_ours=lambda line: parse(line) is not None, advice=FORGET)


def _check_version(manifest: Source, state: State, header: Line) -> None:
    if newer_schema(state):
        raise StoreError(
            f"{manifest.path} was written by another version of asyncsynth ({header.get('version')})",
            hint="use that version, or another --output",
        )


def _read_answers(files: Files, answers: Source, reading: Reading) -> None:
    state = reading.state
    changed = changed_group(files, answers.fd, state.places)
    if changed is not None:
        raise _changed(files, answers, state.places[changed], _lines_before(files, answers, state.places[changed][0]))
    reading.unnoted = state.places.end(len(state.places))
    grouping = Grouping(reading.unnoted)

    def take(lines: list[bytes], offset: int) -> int:
        for number, line in enumerate(lines):
            facts = facts_of_line(line)
            if facts is None:
                return number
            place = offset
            offset += len(line) + 1
            if facts.generation < state.generation(facts.key):
                raise _foreign(answers, place, facts, "was dropped")
            if not state.answer(facts):
                raise _foreign(answers, place, facts, "is there already")
            state.new_answers.append((place, [facts.key]))
            closed = grouping.add(line + b"\n", facts)
            if closed is not None:
                reading.group_lines.append(seal(closed.line()))
        return len(lines)

    reading.answers = scan(
        files, answers, take, reading.unnoted, is_ours=lambda line: facts_of_line(line) is not None, advice=REBUILD
    )
    if reading.answers.whole_line is not None:
        take([reading.answers.whole_line], reading.answers.end)
    if grouping.group.keys:
        reading.group_lines.append(seal(grouping.group.line()))


def _foreign(answers: Source, place: int, facts: AnswerFacts, what: str) -> StoreDamaged:
    return StoreDamaged(
        f"{answers.path}: at byte offset {place} is another answer of {facts.key}, which {what}",
        hint="delete that line; nothing was changed",
    )


def _changed(files: Files, answers: Source, group: tuple[int, int, int], line: int) -> StoreDamaged:
    offset, length, _ = group
    size = files.size(answers.fd)
    if size < offset + length:
        return StoreDamaged(
            f"{answers.path} has {size:,} bytes, and {offset + length:,} were written and synced: answers are missing",
            hint=REBUILD,
        )
    return StoreDamaged(
        f"{answers.path} is not as it was written: something has changed in lines {line + 1} and following "
        f"(byte offsets {offset} to {offset + length})",
        hint=REBUILD,
    )


def _lines_before(files: Files, source: Source, place: int) -> int:
    return sum(1 for offset, _ in read_lines(files, source.fd) if offset < place)
