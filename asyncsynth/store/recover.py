"""Makes the files of a directory agree after a crash: torn tails, index, half-done drops, calls without an end."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from pathlib import Path

from asyncsynth.store import manifest
from asyncsynth.store.commit import Committer
from asyncsynth.store.contents import FAILURES, MANIFEST, RECORDS
from asyncsynth.store.encoding import encode
from asyncsynth.store.failures import failures_view
from asyncsynth.store.files import Files, doing
from asyncsynth.store.journal import Journal, Source
from asyncsynth.store.load import Loaded, load
from asyncsynth.store.rewrite import replace_file, rewrite_records
from asyncsynth.store.state import RECENT_S
from asyncsynth.values import Call

_MANY = 4096  # manifest lines in one write
_MOST_UNSYNCED_RECORDS, _MOST_UNSYNCED_NOTES = 64 << 20, 1 << 20  # bytes: far more than a group and its calls


@dataclass(slots=True)
class Recovered:
    """The open files, what was repaired (for people), and the calls that the last kill cost."""

    committer: Committer
    notes: list[str] = field(default_factory=list)
    newly_lost: tuple[Call, ...] = ()


def recover(files: Files, directory: Path, at: float) -> Recovered:
    """Reads and repairs; idempotent, so that a crash in the middle of it costs nothing.

    Raises StoreDamaged, StoreWriteFailed.
    """
    with contextlib.ExitStack() as on_failure:
        records, note, failures = (
            _journal(files, directory / name, on_failure) for name in (RECORDS, MANIFEST, FAILURES)
        )
        with doing("sync", directory):
            files.sync_directory(directory)
        with doing("read", directory):
            sources = Source(note.path, note.fd), Source(records.path, records.fd)
            loaded = load(files, *sources, calls_since=at - RECENT_S)
        found = Recovered(Committer(loaded.state, records, note, failures))
        _cut_tails(found, loaded)
        _renew_unsynced(found, loaded)
        _begin_manifest(found, loaded, at)
        _name_lost_calls(found)  # before the index, whose `records` lines end every call of their keys
        _complete_index(found, loaded, files, at)
        _agree_failures(found, files)
        on_failure.pop_all()
    return found


def _journal(files: Files, path: Path, on_failure: contextlib.ExitStack) -> Journal:
    journal = Journal(files, path)
    on_failure.callback(journal.close)
    return journal


def _cut_tails(found: Recovered, loaded: Loaded) -> None:
    committer = found.committer
    for journal, end in ((committer.records, loaded.records_end), (committer.manifest, loaded.manifest_end)):
        torn = journal.cut(end)
        if torn:
            found.notes.append(
                f"cut an unfinished line of {torn} bytes off {journal.path.name}; saved in {journal.path.name}.torn"
            )


def _renew_unsynced(found: Recovered, loaded: Loaded) -> None:
    """What may not be on the disk though it can be read; the syncs that follow see to it."""
    records, note = found.committer.records, found.committer.manifest
    records.write_again(max(loaded.records_start, records.size - _MOST_UNSYNCED_RECORDS))
    note.write_again(max(0, note.size - _MOST_UNSYNCED_NOTES))


def _begin_manifest(found: Recovered, loaded: Loaded, at: float) -> None:
    if loaded.state.schema is not None:
        return
    if loaded.records_end and not loaded.manifest_end:
        found.notes.append(
            "manifest.jsonl was not there: rebuilt from the records; dead letters and other payments are not known"
        )
    found.committer.note(manifest.header(at))


def _complete_index(found: Recovered, loaded: Loaded, files: Files, at: float) -> None:
    committer = found.committer
    if loaded.half_dropped:
        committer.note(*loaded.removed_lines)
        finish_drop(files, committer, at)
        found.notes.append("finished a drop that was cut short")
        return
    if loaded.reindexed:
        found.notes.append(_not_as_noted(loaded))
        committer.records.sync()
        append_index(committer, at, loaded.index_lines)
        committer.note(*loaded.removed_lines)
    elif loaded.index_lines:
        committer.records.sync()
        _append(committer.manifest, loaded.index_lines)
        committer.manifest.sync()


def _not_as_noted(loaded: Loaded) -> str:
    """Only what is known: an edit and a disk that lost what it had confirmed leave the same behind."""
    gone = sum(line["records"] for line in loaded.removed_lines)
    missing = f"at least {gone:,} of the noted records are gone" if gone else "no record of those noted is gone"
    return (
        "records.jsonl is not as manifest.jsonl noted it when it was synced: it was edited, or the disk lost what it "
        f"had confirmed ({missing}); read it anew"
    )


def _name_lost_calls(found: Recovered) -> None:
    committer = found.committer
    found.newly_lost = tuple(committer.state.open_calls())
    if found.newly_lost:
        committer.note(*(manifest.call(call, "lost") for call in found.newly_lost))


def _agree_failures(found: Recovered, files: Files) -> None:
    committer = found.committer
    view = failures_view(committer.state.dead.values())
    with doing("read", committer.failures.path):
        there = files.read(committer.failures.fd, len(view) + 1, 0)
    if there != view:
        rewrite_failures(files, committer)


def rewrite_failures(files: Files, committer: Committer) -> None:
    """Makes failures.jsonl show the current dead letters."""
    path = committer.failures.path
    replace_file(files, path, failures_view(committer.state.dead.values()))
    committer.failures.close()
    committer.failures = Journal(files, path)


def finish_drop(files: Files, committer: Committer, at: float) -> None:
    """Rewrites records.jsonl without the records whose drop the manifest holds."""
    state, path = committer.state, committer.records.path
    index = rewrite_records(
        files, path, committer.records.fd, lambda facts: facts.generation >= state.generation(facts.key)
    )
    committer.records.close()
    committer.records = Journal(files, path)
    committer.restart_groups()
    append_index(committer, at, index)


def append_index(committer: Committer, at: float, index: list[bytes]) -> None:
    """Voids the manifest's `records` lines and writes new ones, synced; the state stays as it is."""
    _append(committer.manifest, [encode(manifest.rewritten(at)), *index])
    committer.manifest.sync()


def _append(journal: Journal, lines: list[bytes]) -> None:
    for start in range(0, len(lines), _MANY):
        journal.append(lines[start : start + _MANY])
