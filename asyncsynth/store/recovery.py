"""Makes the files of a directory agree after a crash: torn ends, groups that were not noted, calls without an end."""

from __future__ import annotations

import contextlib
from pathlib import Path

from asyncsynth.store import manifest
from asyncsynth.store.calls import RECENT_S
from asyncsynth.store.commit import Committer
from asyncsynth.store.contents import ANSWERS, MANIFEST
from asyncsynth.store.files import Files, doing
from asyncsynth.store.journal import Journal
from asyncsynth.store.lock import lock
from asyncsynth.store.reading import Reading, read_files
from asyncsynth.store.scan import Source, Tail
from asyncsynth.values import Call

_MANY = 4096  # manifest lines in one write
_MOST_UNSYNCED_ANSWERS, _MOST_UNSYNCED_NOTES = 64 << 20, 1 << 20  # bytes: far more than a group and its calls


class Recovered:
    """The open files, what was repaired (for people), and the calls that the last kill cost."""

    def __init__(self, committer: Committer) -> None:
        self.committer = committer
        self.notes: list[str] = []
        self.newly_lost: tuple[Call, ...] = ()


def recover(files: Files, directory: Path, at: float) -> Recovered:
    """Reads and repairs; idempotent, so that a crash in the middle of it costs nothing.

    Raises StoreDamaged, StoreWriteFailed.
    """
    with contextlib.ExitStack() as on_failure:
        answers, note = (_journal(files, directory / name, on_failure) for name in (ANSWERS, MANIFEST))
        lock(files, answers.fd, answers.path)  # as well as the lock file, which somebody may delete under a run
        with doing("sync", directory):
            files.sync_directory(directory)
        with doing("read", directory):
            sources = Source(note.path, note.fd), Source(answers.path, answers.fd)
            reading = read_files(files, *sources, calls_since=at - RECENT_S)
        found = Recovered(Committer(reading.state, answers, note))
        for journal, tail in ((answers, reading.answers), (note, reading.manifest)):
            _mend_end(found, journal, tail)
        _renew_unsynced(found, reading)
        _begin_manifest(found, reading, at)
        _name_lost_calls(found)  # before the groups, whose lines end every call of their keys
        _note_groups(found, reading)
        on_failure.pop_all()
    return found


def _journal(files: Files, path: Path, on_failure: contextlib.ExitStack) -> Journal:
    journal = Journal(files, path)
    on_failure.callback(journal.close)
    return journal


def _mend_end(found: Recovered, journal: Journal, tail: Tail) -> None:
    name = journal.path.name
    if tail.whole_line is not None:
        journal.cut(tail.end + len(tail.whole_line))
        journal.append([b"\n"])
        found.notes.append(f"the last line of {name} lacked its newline; it is there now")
    elif torn := journal.cut(tail.end):
        found.notes.append(f"cut an unfinished line of {torn} bytes off {name}; saved in {name}.torn")


def _renew_unsynced(found: Recovered, reading: Reading) -> None:
    """What may not be on the disk though it can be read; the syncs that follow see to it."""
    answers, note = found.committer.answers, found.committer.manifest
    answers.write_again(max(reading.noted, answers.size - _MOST_UNSYNCED_ANSWERS))
    note.write_again(max(0, note.size - _MOST_UNSYNCED_NOTES))


def _begin_manifest(found: Recovered, reading: Reading, at: float) -> None:
    if reading.state.schema is not None:
        return
    if len(reading.state.answered):
        found.notes.append(
            "manifest.jsonl was not there and was made anew from the answers; dead letters, drops and other payments "
            "are not known any more"
        )
    found.committer.note(manifest.header(at))


def _name_lost_calls(found: Recovered) -> None:
    committer = found.committer
    found.newly_lost = tuple(committer.state.calls.oldest_first())
    if found.newly_lost:
        committer.note(manifest.lost(found.newly_lost))


def _note_groups(found: Recovered, reading: Reading) -> None:
    committer, lines = found.committer, reading.lines
    committer.restart_groups()
    if not lines:
        return
    committer.answers.sync()
    for start in range(0, len(lines), _MANY):
        committer.manifest.append(lines[start : start + _MANY])
    committer.manifest.sync()
