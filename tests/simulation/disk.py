"""A disk in memory with what a page cache does: written is not durable, and a power cut tells the difference.

Model: data written since the last fdatasync is a list of operations. A power cut keeps a prefix of it, of the next
operation perhaps a part, and perhaps NULs in place of the rest (the size reached the disk, the data did not).
Names (create, rename, remove) are durable after sync_directory; a power cut keeps a prefix of the others.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Write:
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncate:
    size: int


class File:
    """`data` is what a process sees; `durable` what a power cut leaves for certain."""

    __slots__ = ("data", "dirty", "durable", "locked_by")

    def __init__(self) -> None:
        self.data = bytearray()
        self.durable = bytearray()
        self.dirty: list[Write | Truncate] = []
        self.locked_by: tuple[object, int] | None = None  # a process and its descriptor

    def apply(self, operation: Write | Truncate) -> None:
        _apply(self.data, operation)
        self.dirty.append(operation)

    def sync(self) -> None:
        for operation in self.dirty:
            _apply(self.durable, operation)
        self.dirty.clear()

    def forget_dirty(self) -> None:
        """What a failed fsync does: the pages count as clean and are not on the disk."""
        self.dirty.clear()

    def cut_power(self, rng: random.Random) -> None:
        # Often all or nothing: one file may be on the disk to its end and another one not at all.
        kept = rng.choice([0, rng.randint(0, len(self.dirty)), len(self.dirty)])
        rest = self.dirty[kept:]
        self.dirty = self.dirty[:kept]
        self.sync()
        if rest and isinstance(torn := rest[0], Write):
            part = rng.randint(0, len(torn.data))
            nuls = rng.choice([0, 0, rng.randint(0, len(torn.data) - part)])
            _apply(self.durable, Write(torn.offset, torn.data[:part]))
            grown = torn.offset + part + nuls - len(self.durable)
            self.durable.extend(bytes(max(grown, 0)))  # NULs only where nothing was before
        self.data = bytearray(self.durable)


def _apply(data: bytearray, operation: Write | Truncate) -> None:
    if isinstance(operation, Truncate):
        del data[operation.size :]
        data.extend(bytes(operation.size - len(data)))
        return
    if (hole := operation.offset - len(data)) > 0:
        data.extend(bytes(hole))
    data[operation.offset : operation.offset + len(operation.data)] = operation.data


@dataclass(slots=True)
class Disk:
    """Outlives processes. `capacity` in bytes over all files; None: no end."""

    names: dict[Path, File] = field(default_factory=dict)
    capacity: int | None = None
    _durable_names: dict[Path, File] = field(default_factory=dict)
    _pending: list[tuple[Path, File | None]] = field(default_factory=list)  # None: the name goes

    @property
    def used(self) -> int:
        return sum(len(file.data) for file in self.names.values())

    @property
    def free(self) -> int | None:
        return None if self.capacity is None else max(self.capacity - self.used, 0)

    def link(self, path: Path, file: File) -> None:
        self.names[path] = file
        self._pending.append((path, file))

    def rename(self, source: Path, target: Path) -> None:
        """Atomic: a power cut sees both names changed or none."""
        file = self.names.pop(source)
        self.names[target] = file
        self._pending += [(target, file), (source, None)]

    def remove(self, path: Path) -> None:
        if self.names.pop(path, None) is not None:
            self._pending.append((path, None))

    def sync_names(self) -> None:
        self._durable_names = dict(self.names)
        self._pending.clear()

    def write_back(self) -> None:
        """What the kernel does by itself after a while."""
        self.sync_names()
        for file in self.names.values():
            file.sync()

    def cut_power(self, rng: random.Random) -> None:
        for path, file in self._pending[: rng.randint(0, len(self._pending))]:
            if file is None:
                self._durable_names.pop(path, None)
            else:
                self._durable_names[path] = file
        self._pending.clear()
        for file in {id(file): file for file in self._durable_names.values()}.values():
            file.cut_power(rng)
        self.names = dict(self._durable_names)

    def read(self, path: Path) -> bytes:
        """For checks: what is in a file now; nothing where there is none."""
        file = self.names.get(path)
        return b"" if file is None else bytes(file.data)
