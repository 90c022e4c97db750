"""A disk in memory that crashes at the n-th call, and what is found on it after a kill or a power cut."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path("out")


class Crash(BaseException):
    """The process is dead: nothing it does any more has an effect."""


@dataclass
class Inode:
    data: bytearray = field(default_factory=bytearray)
    durable: bytes = b""


class MemoryFiles:
    """Crashes at the n-th call; a write at that moment is done by half."""

    def __init__(self, crash_at: int = -1) -> None:
        self.names: dict[Path, Inode] = {}
        self.durable_names: dict[Path, Inode] = {}
        self.crash_at, self.calls = crash_at, 0
        self._is_dead = False
        self.descriptors: dict[int, Inode] = {}

    def __getitem__(self, name: str) -> bytes:
        """What the file holds."""
        return bytes(self.names[HERE / name].data)

    def __setitem__(self, name: str, data: bytes) -> None:
        self.names.setdefault(HERE / name, Inode()).data[:] = data

    def _call(self) -> None:
        if 0 <= self.crash_at <= self.calls:
            self._is_dead = True
            raise Crash
        self.calls += 1

    def open(self, path: Path, flags: int) -> int:
        self._call()
        if path not in self.names and not flags & os.O_CREAT:
            raise FileNotFoundError(path)
        inode = self.names.setdefault(path, Inode())
        if flags & os.O_TRUNC:
            inode.data.clear()
        fd = 3 + len(self.descriptors)
        self.descriptors[fd] = inode
        return fd

    def close(self, fd: int) -> None:
        assert fd in self.descriptors
        self._call()

    def size(self, fd: int) -> int:
        return len(self.descriptors[fd].data)

    def read(self, fd: int, size: int, offset: int) -> bytes:
        return bytes(self.descriptors[fd].data[offset : offset + size])

    def will_read(self, fd: int, size: int, offset: int) -> None:
        """Nothing is faster for it here."""

    def write(self, fd: int, data: bytes) -> int:
        if self.calls == self.crash_at and not self._is_dead:
            self.descriptors[fd].data += data[: len(data) // 2]
        self._call()
        self.descriptors[fd].data += data
        return len(data)

    def write_at(self, fd: int, data: bytes, offset: int) -> int:
        self._call()
        self.descriptors[fd].data[offset : offset + len(data)] = data
        return len(data)

    def fdatasync(self, fd: int) -> None:
        self._call()
        self.descriptors[fd].durable = bytes(self.descriptors[fd].data)

    def ftruncate(self, fd: int, size: int) -> None:
        self._call()
        del self.descriptors[fd].data[size:]

    def rename(self, source: Path, target: Path) -> None:
        self._call()
        self.names[target] = self.names.pop(source)

    def remove(self, path: Path) -> None:
        self._call()
        self.names.pop(path, None)

    def make_directory(self, path: Path) -> None:
        assert path == HERE
        self._call()

    def sync_directory(self, path: Path) -> None:
        assert path == HERE
        self._call()
        self.durable_names = dict(self.names)

    def lock(self, fd: int, *, exclusive: bool) -> bool:
        return exclusive and fd in self.descriptors

    def unlock(self, fd: int) -> None:
        assert fd in self.descriptors

    def is_at(self, fd: int, path: Path) -> bool:
        return self.names.get(path) is self.descriptors[fd]

    def whereabouts(self, fd: int) -> Path | None:
        return next((path for path, inode in self.names.items() if inode is self.descriptors[fd]), None)

    def after_kill(self) -> MemoryFiles:
        """What another process finds: all that was written."""
        return holding({path: bytes(inode.data) for path, inode in self.names.items()})

    def after_power_cut(self, draw: random.Random) -> MemoryFiles:
        """What a reboot finds: all that was synced, and perhaps a part of the rest, perhaps as NULs."""
        names = draw.choice([self.names, self.durable_names])
        found = {}
        for path, inode in names.items():
            tail = bytes(inode.data[len(inode.durable) :]) if inode.data.startswith(inode.durable) else b""
            kept = tail[: draw.randint(0, len(tail))]
            found[path] = inode.durable + draw.choice([kept, kept + b"\0" * draw.randint(0, 50), b"\0" * len(kept)])
        return holding(found)


def holding(contents: Mapping[Path, bytes]) -> MemoryFiles:
    """A disk with these files, all of them durable."""
    fresh = MemoryFiles()
    fresh.names = {path: Inode(bytearray(data), data) for path, data in contents.items()}
    fresh.durable_names = dict(fresh.names)
    return fresh
