"""The output directory and the lock that keeps a second run out of it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from asyncsynth.errors import StoreLocked
from asyncsynth.store.files import READ, Files, doing

LOCK = "lock"
_LOCK_FILE = os.O_RDWR | os.O_CREAT


def make_directory(files: Files, directory: Path) -> None:
    """Makes the directory (0700) where it is missing.

    Raises StoreWriteFailed for a file or a symbolic link in its place.
    """
    with doing("make the directory", directory):
        files.make_directory(directory)


def take_lock(files: Files, path: Path) -> int:
    """The descriptor of the lock file, locked; unlock and close give it back. Raises StoreLocked."""
    while (fd := _locked(files, path)) is None:
        pass
    with contextlib.suppress(OSError):  # the number is only a courtesy to whoever finds the lock taken
        files.ftruncate(fd, 0)
        files.write_at(fd, b"%d\n" % os.getpid(), 0)
    return fd


def unlock(files: Files, fd: int, *further: int) -> None:
    """Unlocks the lock file, and others of the directory; they are still to be closed.

    Closing alone would leave them locked for as long as a child lives that was forked meanwhile. Such a child unlocks
    nothing itself: the lock file names its parent.
    """
    with contextlib.suppress(OSError):
        if _named(files, fd) == os.getpid():
            for locked in (*further, fd):
                if locked >= 0:  # one that was closed holds no lock
                    files.unlock(locked)


def _locked(files: Files, path: Path) -> int | None:
    """None where somebody deleted the file between the two calls: others would lock the next one."""
    with doing("open the lock", path):
        fd = files.open(path, _LOCK_FILE)
    with contextlib.ExitStack() as stack:
        stack.callback(files.close, fd)
        lock(files, fd, path)
        with doing("look at the lock", path):
            if files.is_at(fd, path):
                stack.pop_all()
                return fd
    return None


def lock(files: Files, fd: int, path: Path) -> None:
    """Locks a file of the directory, so that no other run works on it. Raises StoreLocked."""
    with doing("lock", path):
        if files.lock(fd, exclusive=True):
            return
    raise StoreLocked(
        f"another run{_holder(files, path.with_name(LOCK))} is working on {path.parent}",
        hint="wait until it has ended, or choose another directory with --output",
    )


def holder(files: Files, path: Path) -> int | None:
    """The process that a lock file names, which may have ended long ago; None where it names none."""
    with contextlib.suppress(OSError):
        fd = files.open(path, READ)
        try:
            return _named(files, fd)
        finally:
            files.close(fd)
    return None


def _named(files: Files, fd: int) -> int | None:
    pid = files.read(fd, 20, 0).strip()
    return int(pid) if pid.isdigit() else None


def _holder(files: Files, path: Path) -> str:
    pid = holder(files, path)
    return "" if pid is None else f" (process {pid})"
