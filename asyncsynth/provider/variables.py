"""The variables that a run sees: the environment, and behind it a file .env, which no child process inherits."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from io import StringIO
from pathlib import Path

from asyncsynth.config.paths import ENV_FILE
from asyncsynth.errors import UsageError
from asyncsynth.regular_file import read_regular


class Variables:
    """Values by name; what is blank counts as not there. The file is read when the environment lacks something."""

    def __init__(self, environ: Mapping[str, str], folder: Path | None = None) -> None:
        """`folder` None: there is no file."""
        self._environ = environ
        self._path = None if folder is None else folder / ENV_FILE

    def get(self, name: str) -> str:
        """The value, without blanks around it; empty where there is none. UsageError where .env can't be read."""
        return self._environ.get(name, "").strip() or (self._in_file.get(name) or "").strip()

    @property
    def file(self) -> str:
        """Where a person can put what is missing."""
        return ENV_FILE if self._path is None else str(self._path)

    @cached_property
    def _in_file(self) -> Mapping[str, str | None]:
        if self._path is None:
            return {}
        try:
            lines = StringIO(read_regular(self._path).decode("utf-8-sig"))
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise UsageError(f"{self._path}: can't be read: {why}", hint="lines like NAME=value are wanted") from None
        from dotenv import dotenv_values  # noqa: PLC0415 - most runs have no such file

        return dotenv_values(stream=lines, interpolate=False)
