"""The disk of the simulation keeps what a disk keeps: else the seeds would prove nothing about crashes."""

from __future__ import annotations

import errno
import random
from pathlib import Path

import pytest

from asyncsynth.store.files import APPEND
from tests.simulation.disk import Disk
from tests.simulation.files import Killed, ProcessFiles, Trap

PATH = Path("/disk/file")


def process(disk: Disk, trap: Trap | None = None) -> ProcessFiles:
    def die(power: bool) -> None:
        files.end(power=power)

    files = ProcessFiles(disk, random.Random(1), lambda: 0.0, die, trap)
    return files


def synced(disk: Disk, trap: Trap | None = None) -> tuple[ProcessFiles, int]:
    """A process with a durable file that holds one line, "old"."""
    files = process(disk, trap)
    fd = files.open(PATH, APPEND)
    files.write(fd, b"old\n")
    files.fdatasync(fd)
    files.sync_directory(PATH.parent)
    return files, fd


def test_a_kill_keeps_everything_that_was_written() -> None:
    disk = Disk()
    files, fd = synced(disk)
    files.write(fd, b"new\n")
    files.end(power=False)
    assert disk.read(PATH) == b"old\nnew\n"
    with pytest.raises(Killed):
        files.write(fd, b"late\n")
    assert disk.read(PATH) == b"old\nnew\n"


def test_a_power_cut_keeps_what_was_synced_and_of_the_rest_a_prefix_with_a_torn_or_nul_tail() -> None:
    left = set()
    for seed in range(1000):
        disk = Disk()
        files, fd = synced(disk)
        files.write(fd, b"ab\n")
        files.write(fd, b"cd\n")
        disk.cut_power(random.Random(seed))
        left.add(disk.read(PATH))
    assert all(data.startswith(b"old\n") for data in left)
    assert {b"old\n", b"old\na", b"old\nab\n", b"old\nab\ncd\n", b"old\na\0\0", b"old\nab\nc\0"} <= left
    assert all(b"old\nab\ncd\n".startswith(data.rstrip(b"\0")) for data in left)


def test_a_name_that_was_not_synced_may_be_gone_after_a_power_cut() -> None:
    kept = set()
    for seed in range(20):
        disk = Disk()
        files = process(disk)
        files.fdatasync(files.open(PATH, APPEND))
        disk.cut_power(random.Random(seed))
        kept.add(PATH in disk.names)
    assert kept == {True, False}


def test_a_failed_fsync_leaves_its_pages_clean_so_that_the_next_one_means_nothing() -> None:
    disk = Disk()
    files, fd = synced(disk, Trap("sync_eio", 2))
    files.write(fd, b"new\n")
    with pytest.raises(OSError, match="Input/output") as failure:
        files.fdatasync(fd)
    files.fdatasync(fd)
    assert failure.value.errno == errno.EIO
    assert disk.read(PATH) == b"old\nnew\n"
    disk.cut_power(random.Random(1))
    assert disk.read(PATH) == b"old\n"


def test_a_full_disk_takes_what_fits_and_then_nothing() -> None:
    disk = Disk()
    files, fd = synced(disk)
    disk.capacity = 6
    assert files.write(fd, b"new\n") == 2
    with pytest.raises(OSError, match="No space") as failure:
        files.write(fd, b"w\n")
    assert failure.value.errno == errno.ENOSPC
    assert disk.read(PATH) == b"old\nne"


def test_a_lock_goes_with_its_process() -> None:
    disk = Disk()
    first, second = process(disk), process(disk)
    assert first.lock(first.open(PATH, APPEND), exclusive=True)
    assert not second.lock(second.open(PATH, APPEND), exclusive=True)
    first.end(power=False)
    assert second.lock(second.open(PATH, APPEND), exclusive=True)
