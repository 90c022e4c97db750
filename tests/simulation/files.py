"""One process's view of the disk: descriptors, locks, and what goes wrong at the n-th call.

Implements asyncsynth.store.files.Files. After the process's death each call raises Killed and changes nothing.
"""

from __future__ import annotations

import errno
import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from asyncsynth.store.lock import LOCK
from tests.simulation.disk import Disk, File, Truncate, Write

Trouble = Literal["kill", "power", "write_eio", "disk_full", "sync_eio", "short_write", "power_in_sync"]
WRITING, SYNCING = frozenset({"write", "write_at"}), frozenset({"fdatasync"})
CALLS: dict[Trouble, frozenset[str]] = {
    "sync_eio": SYNCING,
    "write_eio": WRITING,
    "short_write": WRITING,
    "power_in_sync": SYNCING,
}


class Killed(BaseException):
    """The process is dead; nothing that it still does counts."""


@dataclass(slots=True)
class Trap:
    """`trouble` comes at the `nth` call (1, 2, ...) of its kind; `lasting`: at all later ones too."""

    trouble: Trouble
    nth: int
    lasting: bool = False


class ProcessFiles:
    """`die` is told of a death by a trap, True: by a power cut. `failed_at` is when a call was first failed."""

    def __init__(
        self, disk: Disk, rng: random.Random, clock: Callable[[], float], die: Callable[[bool], None], trap: Trap | None
    ) -> None:
        self.disk = disk
        self.dead = False
        self.trap = trap
        self.calls = 0
        self.failed_at: float | None = None
        self._rng, self._clock, self._die = rng, clock, die
        self._open: dict[int, File] = {}
        self._lock_fd = -1  # its writes are a courtesy; a failure there is no trouble
        self._last_fd = 2

    def end(self, *, power: bool) -> None:
        """The process dies: descriptors and locks go; by a power cut also what was not durable."""
        self.dead = True
        for file in self.disk.names.values():
            if file.locked_by is not None and file.locked_by[0] is self:
                file.locked_by = None
        if power:
            self.disk.cut_power(self._rng)

    def open(self, path: Path, flags: int) -> int:
        self._enter("open")
        file = self.disk.names.get(path)
        if file is None:
            if not flags & os.O_CREAT:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
            file = File()
            self.disk.link(path, file)
        elif flags & os.O_EXCL:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        elif flags & os.O_TRUNC:
            file.apply(Truncate(0))
        self._last_fd += 1
        self._open[self._last_fd] = file
        if path.name == LOCK:
            self._lock_fd = self._last_fd
        return self._last_fd

    def close(self, fd: int) -> None:
        file = self._open.pop(fd)
        if file.locked_by == (self, fd):
            file.locked_by = None

    def size(self, fd: int) -> int:
        self._alive()
        return len(self._open[fd].data)

    def read(self, fd: int, size: int, offset: int) -> bytes:
        self._alive()
        return bytes(self._open[fd].data[offset : offset + size])

    def will_read(self, fd: int, size: int, offset: int) -> None:
        """Nothing is faster for it here."""

    def write(self, fd: int, data: bytes) -> int:
        file = self._open[fd]
        # Without O_APPEND too: the store writes such a file once, from its start.
        return self._put(file, data, len(file.data), "write")

    def write_at(self, fd: int, data: bytes, offset: int) -> int:
        return len(data) if fd == self._lock_fd else self._put(self._open[fd], data, offset, "write_at")

    def fdatasync(self, fd: int) -> None:
        file = self._open[fd]
        if self._enter("fdatasync") == "sync_eio":
            assert self.trap is not None
            # A disk that stays ill is seen to by people before the power is cut.
            if not self.trap.lasting:
                file.forget_dirty()
            raise self._failure(errno.EIO)
        file.sync()

    def ftruncate(self, fd: int, size: int) -> None:
        self._enter("ftruncate")
        self._open[fd].apply(Truncate(size))

    def rename(self, source: Path, target: Path) -> None:
        self._enter("rename")
        self.disk.rename(source, target)

    def remove(self, path: Path) -> None:
        self._enter("remove")
        self.disk.remove(path)

    def make_directory(self, path: Path) -> None:
        self._alive()

    def sync_directory(self, path: Path) -> None:
        self._enter("sync_directory")
        self.disk.sync_names()

    def lock(self, fd: int, *, exclusive: bool) -> bool:
        self._alive()
        file = self._open[fd]
        if file.locked_by is not None:
            return False
        if exclusive:
            file.locked_by = self, fd
        return True

    def unlock(self, fd: int) -> None:
        self._alive()
        self._open[fd].locked_by = None

    def is_at(self, fd: int, path: Path) -> bool:
        self._alive()
        return self.disk.names.get(path) is self._open[fd]

    def whereabouts(self, fd: int) -> Path | None:
        self._alive()
        return next((path for path, file in self.disk.names.items() if file is self._open[fd]), None)

    def _put(self, file: File, data: bytes, offset: int, call: str) -> int:
        trouble = self._enter(call)
        if trouble == "write_eio":
            raise self._failure(errno.EIO)
        free = self.disk.free
        if free is not None and offset + len(data) > len(file.data):
            if not free and data:
                raise self._failure(errno.ENOSPC)
            data = data[: free + len(file.data) - offset]
        if trouble == "short_write" and len(data) > 1:
            data = data[: self._rng.randint(1, len(data) - 1)]
        file.apply(Write(offset, bytes(data)))
        return len(data)

    def _enter(self, call: str) -> Trouble | None:
        """Counts a call and says what is wrong with it; dies in it where that is the trap."""
        self._alive()
        trap = self.trap
        if trap is None or (trap.trouble in CALLS and call not in CALLS[trap.trouble]):
            return None
        self.calls += 1
        if self.calls < trap.nth or (self.calls > trap.nth and not trap.lasting):
            return None
        if trap.trouble in ("kill", "power", "power_in_sync"):
            self._die(trap.trouble != "kill")
            raise Killed
        if trap.trouble == "disk_full":
            if self.disk.capacity is None:
                self.disk.capacity = self.disk.used + self._rng.randint(0, 400)
            return None
        return trap.trouble

    def _failure(self, number: int) -> OSError:
        if self.failed_at is None:
            self.failed_at = self._clock()
        return OSError(number, os.strerror(number))

    def _alive(self) -> None:
        if self.dead:
            raise Killed
