"""The file system calls that the store makes, as an argument, so that tests can fail and crash at each of them."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from asyncsynth.errors import StoreWriteFailed

READ = os.O_RDONLY
APPEND = os.O_RDWR | os.O_CREAT | os.O_APPEND
REPLACE = os.O_RDWR | os.O_CREAT | os.O_TRUNC
PATCH = os.O_RDWR
NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL
_LOCK_TRIES = 5  # read_store holds a shared lock for microseconds; an open just then must not fail
_LOCK_PAUSE_S = 0.01


class Files(Protocol):
    """Each method is one system call or behaves like one; all raise OSError."""

    def open(self, path: Path, flags: int) -> int: ...
    def close(self, fd: int) -> None: ...
    def size(self, fd: int) -> int: ...
    def read(self, fd: int, size: int, offset: int) -> bytes: ...
    def will_read(self, fd: int, size: int, offset: int) -> None: ...
    def write(self, fd: int, data: bytes) -> int: ...
    def write_at(self, fd: int, data: bytes, offset: int) -> int: ...
    def fdatasync(self, fd: int) -> None: ...
    def ftruncate(self, fd: int, size: int) -> None: ...
    def rename(self, source: Path, target: Path) -> None: ...
    def remove(self, path: Path) -> None: ...
    def make_directory(self, path: Path) -> None: ...
    def sync_directory(self, path: Path) -> None: ...
    def lock(self, fd: int, *, exclusive: bool) -> bool: ...
    def unlock(self, fd: int) -> None: ...
    def is_at(self, fd: int, path: Path) -> bool: ...
    def whereabouts(self, fd: int) -> Path | None: ...


class OsFiles:
    """The real calls: files 0600, directories 0700, never through a symbolic link, never inherited by children."""

    def open(self, path: Path, flags: int) -> int:
        """Only a regular file: a pipe would hang (hence O_NONBLOCK), a device would do who knows what."""
        fd = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, 0o600)
        mode = os.fstat(fd).st_mode
        if not stat.S_ISREG(mode):
            os.close(fd)
            code = errno.EISDIR if stat.S_ISDIR(mode) else errno.ENXIO
            raise OSError(code, os.strerror(code) if code == errno.EISDIR else "it is not a regular file")
        return fd

    def close(self, fd: int) -> None:
        os.close(fd)

    def size(self, fd: int) -> int:
        return os.fstat(fd).st_size

    def read(self, fd: int, size: int, offset: int) -> bytes:
        return os.pread(fd, size, offset)

    def will_read(self, fd: int, size: int, offset: int) -> None:
        """Lets the system begin to read; not every one takes such advice, nor every file system."""
        if hasattr(os, "posix_fadvise"):
            with contextlib.suppress(OSError):
                os.posix_fadvise(fd, offset, size, os.POSIX_FADV_WILLNEED)

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
        missing = [path]
        while not missing[-1].parent.exists():
            missing.append(missing[-1].parent)
        for each in reversed(missing):  # not mkdir's parents=True, which leaves their mode to the umask
            each.mkdir(mode=0o700, exist_ok=True)

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

    def unlock(self, fd: int) -> None:
        """For every process that has the descriptor from this one."""
        fcntl.flock(fd, fcntl.LOCK_UN)

    def is_at(self, fd: int, path: Path) -> bool:
        """Whether the path leads to the open file."""
        opened = os.fstat(fd)
        try:
            found = path.stat(follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            return False
        return (found.st_dev, found.st_ino) == (opened.st_dev, opened.st_ino)

    def whereabouts(self, fd: int) -> Path | None:
        """The path of an open file; None where it was deleted. Raises OSError where this system does not tell."""
        return None if os.fstat(fd).st_nlink == 0 else Path("/proc/self/fd", str(fd)).readlink()


_NO_LOCKS = "this file system can't lock files, so two runs could not be told apart; choose a local one with --output"
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
    errno.ENXIO: "a pipe or a device is where a file of the store belongs; move it away or choose another --output",
    errno.EBUSY: "stop that program, then run the same command again: nothing is paid twice",
    errno.ENOLCK: _NO_LOCKS,
    errno.EOPNOTSUPP: _NO_LOCKS,
    errno.ENOSYS: _NO_LOCKS,
}
_HINT_ELSE = "fix the cause, then run the same command again: nothing is paid twice"


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
