"""An append-only file of lines: whole lines or nothing, whatever the disk does."""

from __future__ import annotations

import contextlib
import errno
import threading
from collections.abc import Sequence
from pathlib import Path

from asyncsynth.errors import StoreWriteFailed
from asyncsynth.store.files import APPEND, PATCH, Files, doing, write_failed
from asyncsynth.store.scan import CHUNK


class Journal:
    """One writer's append-only file; `size` is where the next line goes.

    After a failed write or sync it refuses everything (StoreWriteFailed): the pages of a failed fsync are marked clean
    without being on the disk, so a later sync of the same descriptor would succeed and mean nothing.
    """

    def __init__(self, files: Files, path: Path) -> None:
        self._files = files
        self.path = path
        with doing("open", path):
            self.fd = files.open(path, APPEND)
            self.size = files.size(self.fd)
        self._unsynced: list[tuple[int, bytes]] = []  # (offset, bytes)
        self._synced = -1  # what an earlier process wrote may not be on the disk yet
        self._failure: StoreWriteFailed | None = None
        self._sync_lock = threading.Lock()  # close() must not pull the descriptor from under a sync in a thread

    @property
    def healthy(self) -> bool:
        return self._failure is None

    def append(self, lines: Sequence[bytes]) -> int:
        """Writes the lines (each with its newline) in one write(); returns the offset of the first.

        Raises StoreWriteFailed; then none of the lines counts, and the file ends where it did before if it can.
        """
        self._check()
        data = lines[0] if len(lines) == 1 else b"".join(lines)
        start = self.size
        try:
            self._write_all(data, start)
        except OSError as error:
            self._failure = write_failed("write to", self.path, error)
            self._take_back(start, start + len(data))
            raise self._failure from error
        self._unsynced.append((start, data))
        self.size = start + len(data)
        return start

    def _write_all(self, data: bytes, start: int) -> None:
        """Goes by the size of the file, not by the count of write(): a wrong one would tear a line in the middle."""
        reached, end = start, start + len(data)
        while reached < end:
            self._files.write(self.fd, data[reached - start :])
            size = self._files.size(self.fd)
            if size == reached:
                raise OSError(errno.EIO, "the file does not hold what was written to it")
            if not reached < size <= end:
                raise OSError(errno.EBUSY, "another program changes this file")
            reached = size

    def _take_back(self, start: int, end: int) -> None:
        """Cuts off the part of a write that arrived; what somebody else wrote is not ours to cut."""
        with contextlib.suppress(OSError):
            if start < self._files.size(self.fd) <= end:
                self._files.ftruncate(self.fd, start)

    def sync(self) -> None:
        """Does an fdatasync of everything appended before the call; may run in a thread beside append().

        Raises StoreWriteFailed after it has tried to save the unsynced lines through a descriptor of its own.
        """
        with self._sync_lock:
            self._check()
            target = self.size  # append() sets it last, so everything below is written and in the list
            if target == self._synced:
                return
            try:
                self._files.fdatasync(self.fd)
            except OSError as error:
                self._failure = write_failed("sync", self.path, error)
                self._save_unsynced()
                raise self._failure from error
            del self._unsynced[: sum(1 for offset, _ in self._unsynced if offset < target)]
            self._synced = target

    def let_go(self) -> None:
        """Keeps no copy of what was appended so far: it is no commit point, so a failed sync may lose it."""
        self._unsynced.clear()

    def _save_unsynced(self) -> None:
        """Dirties the pages of the group anew, so that a disk that is well again gets them."""
        with contextlib.suppress(OSError):
            fd = self._files.open(self.path, PATCH)
            try:
                for offset, data in tuple(self._unsynced):
                    written = 0
                    while written < len(data):
                        written += self._files.write_at(fd, data[written:], offset + written)
                self._files.fdatasync(fd)
            finally:
                self._files.close(fd)

    def write_again(self, start: int) -> None:
        """Puts what is there from `start` on where it is once more, so that the next sync writes it to the disk.

        For what an earlier process wrote: if a sync of it failed, the kernel calls its pages clean, and they are only
        in memory (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020).
        """
        if start >= self.size:
            return
        with doing("write to", self.path):
            fd = self._files.open(self.path, PATCH)
            try:
                while chunk := self._files.read(fd, CHUNK, start):
                    start += self._files.write_at(fd, chunk, start)
            finally:
                self._files.close(fd)
        self._synced = -1

    def cut(self, end: int) -> int:
        """Saves what follows `end` to <name>.torn and cuts it off; returns how many bytes that were."""
        torn = self.size - end
        if torn <= 0:
            return 0
        keep = self.path.with_name(self.path.name + ".torn")
        with doing("save a torn tail to", keep):
            fd = self._files.open(keep, APPEND)
            try:
                self._copy_tail(fd, end)
                self._files.fdatasync(fd)
            finally:
                self._files.close(fd)
        with doing("cut a torn tail off", self.path):
            self._files.ftruncate(self.fd, end)
            self._files.fdatasync(self.fd)
        self.size = self._synced = end
        return torn

    def cut_silently(self, end: int) -> None:
        """Cuts off what follows `end`, which can be made again."""
        with doing("cut", self.path):
            self._files.ftruncate(self.fd, end)
        self.size = end

    def _copy_tail(self, fd: int, start: int) -> None:
        while chunk := self._files.read(self.fd, CHUNK, start):
            written = 0
            while written < len(chunk):
                written += self._files.write(fd, chunk[written:])
            start += len(chunk)

    def close(self) -> None:
        """Waits for a sync in a thread; syncs nothing itself."""
        with self._sync_lock:
            if self.fd >= 0:
                self._failure = self._failure or StoreWriteFailed(f"{self.path} is closed")
                with contextlib.suppress(OSError):
                    self._files.close(self.fd)
                self.fd = -1

    def _check(self) -> None:
        if self._failure is not None:
            raise StoreWriteFailed(self._failure.message, self._failure.hint)
