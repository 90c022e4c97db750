"""The file system calls that the store makes, as an argument, so that tests can fail and crash at each of them."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from asyncsynth.errors import StoreWriteFailed

READ = os.O_RDONLY
APPEND = os.O_RDWR | os.O_CREAT | os.O_APPEND
REPLACE = os.O_RDWR | os.O_CREAT | os.O_TRUNC
PATCH = os.O_RDWR
_LOCK_TRIES = 5  # read_store holds a shared lock for microseconds; an open just then must not fail
_LOCK_PAUSE_S = 0.01


class Files(Protocol):
    """Each method is one system call or behaves like one; all raise OSError."""

    def open(self, path: Path, flags: int) -> int: ...
    def close(self, fd: int) -> None: ...
    def size(self, fd: int) -> int: ...
    def read(self, fd: int, size: int, offset: int) -> bytes: ...
    def write(self, fd: int, data: bytes) -> int: ...
    def write_at(self, fd: int, data: bytes, offset: int) -> int: ...
    def fdatasync(self, fd: int) -> None: ...
    def ftruncate(self, fd: int, size: int) -> None: ...
    def rename(self, source: Path, target: Path) -> None: ...
    def remove(self, path: Path) -> None: ...
    def make_directory(self, path: Path) -> None: ...
    def sync_directory(self, path: Path) -> None: ...
    def lock(self, fd: int, *, exclusive: bool) -> bool: ...


class OsFiles:
    """The real calls: files 0600, directories 0700, never through a symbolic link, never inherited by children."""

    def open(self, path: Path, flags: int) -> int:
        return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)

    def close(self, fd: int) -> None:
        os.close(fd)

    def size(self, fd: int) -> int:
        return os.fstat(fd).st_size

    def read(self, fd: int, size: int, offset: int) -> bytes:
        return os.pread(fd, size, offset)

    def write(self, fd: int, data: bytes) -> int:
        return os.write(fd, data)

    def write_at(self, fd: int, data: bytes, offset: int) -> int:
        return os.pwrite(fd, data, offset)

    def fdatasync(self, fd: int) -> None:
        os.fdatasync(fd)

    def ftruncate(self, fd: int, size: int) -> None:
        os.ftruncate(fd, size)

    def rename(self, source: Path, target: Path) -> None:
        source.rename(target)

    def remove(self, path: Path) -> None:
        path.unlink(missing_ok=True)

    def make_directory(self, path: Path) -> None:
        if path.is_symlink():
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def sync_directory(self, path: Path) -> None:
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    def lock(self, fd: int, *, exclusive: bool) -> bool:
        """Whether the flock was taken; it goes with the descriptor."""
        operation = fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH
        for attempt in range(_LOCK_TRIES if exclusive else 1):
            if attempt:
                time.sleep(_LOCK_PAUSE_S)
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(fd, operation | fcntl.LOCK_NB)
                return True
        return False


_HINTS = {
    errno.ENOSPC: "free some space on that disk, then run the same command again: nothing is paid twice",
    errno.EDQUOT: "your quota on that disk is used up; make room, then run the same command again",
    errno.EFBIG: "a file may not grow further here (ulimit -f); raise the limit, then run the same command again",
    errno.EIO: "the disk reports errors: check it (dmesg), copy the directory to a good one, and go on there",
    errno.EROFS: "the file system is read-only; choose another place with --output",
    errno.EACCES: "choose a directory that you may write to with --output, or change its permissions",
    errno.EPERM: "choose a directory that you may write to with --output, or change its permissions",
    errno.ELOOP: "a symbolic link is in the way and is not followed; give the real path with --output",
    errno.ENOTDIR: "something that is not a directory is in the way; choose another place with --output",
    errno.EEXIST: "something that is not a directory is in the way; choose another place with --output",
    errno.EISDIR: "a directory is where a file of the store belongs; move it away or choose another --output",
}
_HINT_ELSE = "put the cause right, then run the same command again: nothing is paid twice"


def write_failed(action: str, path: Path, error: OSError) -> StoreWriteFailed:
    """The one translation of the system's errors: what was tried, why it failed, what to do."""
    cause = error.strerror or str(error)
    failure = StoreWriteFailed(f"can't {action} {path}: {cause}", hint=_HINTS.get(error.errno or 0, _HINT_ELSE))
    failure.__cause__ = error
    return failure


@contextlib.contextmanager
def doing(action: str, path: Path) -> Iterator[None]:
    """Turns an OSError inside into StoreWriteFailed("can't <action> <path>: ...")."""
    try:
        yield
    except OSError as error:
        raise write_failed(action, path, error) from error
