"""Opens files that a person names: regular ones only, since a pipe would wait for its writer, perhaps for ever."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO


def open_regular(path: Path) -> BinaryIO:
    """The file, to read from. Raises OSError, also where it is a directory, a pipe or a device."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "it is a directory", str(path))
    raise OSError(errno.EINVAL, "it is a pipe or a device, not a file", str(path))


def read_regular(path: Path) -> bytes:
    """All that is in the file. Raises OSError as open_regular does."""
    with open_regular(path) as file:
        return file.read()
