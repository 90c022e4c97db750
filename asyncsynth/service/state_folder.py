"""The service's own folder beside the configs: one small file a run, so that a restart finds its runs again."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from asyncsynth.errors import UsageError
from asyncsynth.service.entry import Entry

_NAME = ".asyncsynth-serve"


class StateFolder(NamedTuple):
    """The folder of configs (`root`), and the service's own folder in it."""

    root: Path
    state: Path

    def id_of(self, directory: Path) -> str:
        """The name of an output directory in addresses: the same after a restart."""
        return sha256(os.fsencode(directory.relative_to(self.root))).hexdigest()[:16]

    def log_of(self, run: str) -> Path:
        return self.state / f"{run}.log"

    def entries(self) -> Iterator[Entry]:
        """What earlier lives of the service started; what can't be read is left out."""
        for path in sorted(self.state.glob("*.json")):
            try:
                yield Entry.model_validate_json(path.read_bytes())
            except (OSError, ValidationError):
                continue

    def keep(self, entry: Entry) -> None:
        """Whole or not at all."""
        replace(self.state / f"{entry.id}.json", entry.model_dump_json().encode())


def replace(path: Path, data: bytes) -> None:
    """Writes a file of our own, which only its owner can read, beside the old one and renames it over that."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fdatasync(file.fileno())
    fresh.replace(path)


@contextmanager
def opened(configs: Path) -> Iterator[StateFolder]:
    """The service's own folder, held against a second service. Raises UsageError where that can't be."""
    root = configs.resolve()
    if not root.is_dir():
        raise UsageError(f"{configs}: no such folder", hint="--configs names the folder of your configs")
    state = root / _NAME
    try:
        state.mkdir(mode=0o700, exist_ok=True)
        lock = os.open(state / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise UsageError(
            f"can't write to {state}: {error.strerror}", hint="name a folder that you may write to with --configs"
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield StateFolder(root, state)
    except BlockingIOError:
        raise UsageError(
            f"another asyncsynth serve is working on {configs}",
            hint="use that one, or name another folder with --configs",
        ) from None
    finally:
        os.close(lock)
