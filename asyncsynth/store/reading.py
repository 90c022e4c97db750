"""Reads an output directory into a State, and says what would have to be repaired; changes nothing."""

from __future__ import annotations

from asyncsynth.errors import StoreDamaged
from asyncsynth.store import answers as answer_lines
from asyncsynth.store.answers import facts_of_line
from asyncsynth.store.files import Files
from asyncsynth.store.groups import changed_group, lacks_newline
from asyncsynth.store.replay import Replay
from asyncsynth.store.scan import Format, Source, Tail, damaged, line_number, read_lines, scan
from asyncsynth.store.sealed import intact
from asyncsynth.store.state import State
from asyncsynth.store.unnoted import Unnoted

REBUILD = (
    "restore it from a copy. Without one: delete that line, and remove manifest.jsonl, which is made anew from the "
    "answers, but without drops and dead letters; an answer that you delete is paid again"
)
_FORMAT = Format(answer_lines.BEGIN, lambda line: facts_of_line(line) is not None, REBUILD)


class Reading:
    """A State, how both files end, and what the manifest lacks."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.manifest = self.answers = Tail()
        self.noted = 0  # where the answers end that the manifest had noted as synced
        self.lines: list[bytes] = []  # that the manifest lacks about the answers behind them


def read_files(files: Files, manifest: Source | None, answers: Source | None, *, calls_since: float) -> Reading:
    """Replays both files; of the calls before `calls_since` (seconds since the epoch) no times are remembered.

    Raises StoreDamaged, or StoreError for a manifest of another version.
    """
    reading = Reading(State())
    if manifest is not None:
        reading.manifest = Replay(files, manifest, reading.state, calls_since).run()
    if answers is not None:
        _read_answers(files, answers, reading)
    elif len(reading.state.places):
        raise StoreDamaged(
            "answers.jsonl is gone, and manifest.jsonl knows of answers in it",
            hint="put answers.jsonl back; or remove manifest.jsonl too, and all is made, and paid, anew",
        )
    return reading


def _read_answers(files: Files, answers: Source, reading: Reading) -> None:
    state = reading.state
    changed = changed_group(files, answers.fd, state.places)
    reading.noted = state.places.end(len(state.places))
    if changed is not None:
        if not lacks_newline(files, answers.fd, state.places, changed):
            raise _changed(files, answers, *state.places[changed][:2])
        reading.answers = _last_line(files, answers, state.places[changed][0])
        return
    unnoted = Unnoted(files, answers, state, reading.noted)
    reading.answers = scan(files, answers, unnoted.take, _FORMAT, reading.noted)
    if reading.answers.whole_line is not None:
        unnoted.take([reading.answers.whole_line], reading.answers.end)
    reading.lines = unnoted.noted()


def _last_line(files: Files, answers: Source, begin: int) -> Tail:
    """The end of a file whose last line, somewhere behind `begin`, is whole and lacks its newline."""
    group = files.read(answers.fd, files.size(answers.fd) - begin, begin)
    line = group[group.rfind(b"\n") + 1 :]
    return Tail(begin + len(group) - len(line), line)


def _changed(files: Files, answers: Source, begin: int, length: int) -> StoreDamaged:
    """What to say of a group of answers that is not as it was noted."""
    size = files.size(answers.fd)
    if size < begin + length:
        return StoreDamaged(
            f"{answers.path} has {size:,} bytes, and {begin + length:,} were written and synced: answers are missing",
            hint=REBUILD.replace("delete that line, and remove", "remove"),
        )
    for place, line in read_lines(files, answers.fd, begin):
        if not intact(line):
            return damaged(files, answers, place, REBUILD)
    return StoreDamaged(
        f"{answers.path} is not as it was written: lines were put in, taken out or moved at line "
        f"{line_number(files, answers.fd, begin)} (byte offset {begin}) or behind it",
        hint=REBUILD.replace("delete that line, and remove", "remove"),
    )
