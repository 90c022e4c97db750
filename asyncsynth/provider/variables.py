"""The variables that a run sees: the environment, and behind it a file .env, which no child process inherits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from asyncsynth.config.paths import ENV_FILE
from asyncsynth.errors import UsageError
from asyncsynth.regular_file import read_regular

if TYPE_CHECKING:
    from dotenv.parser import Binding


class Variables:
    """Values by name; what is blank counts as not there. The file is read when the environment lacks something."""

    def __init__(self, environ: Mapping[str, str], folder: Path | None = None) -> None:
        """`folder` None: there is no file."""
        self._environ = environ
        self._path = None if folder is None else folder / ENV_FILE

    def get(self, name: str) -> str:
        """The value, without blanks around it; empty where there is none. UsageError where .env can't be read."""
        return self._environ.get(name, "").strip() or (self._in_file.get(name) or "").strip()

    def path(self, name: str) -> Path | None:
        """The path that the variable holds; in the file it is relative to the file's folder. Raises as `get`."""
        if not (held := self.get(name)):
            return None
        folder = Path() if self.in_environment(name) or self._path is None else self._path.parent
        return folder / Path(held).expanduser()

    def in_environment(self, name: str) -> bool:
        return bool(self._environ.get(name, "").strip())

    @property
    def file(self) -> str:
        """Where a person can put what is missing, and what of it can't be read."""
        unread = [str(binding.original.line) for binding in self._bindings if binding.error]
        where = ENV_FILE if self._path is None else str(self._path)
        return f"{where}, whose line {unread[0]} can't be read" if unread else where

    @cached_property
    def _in_file(self) -> Mapping[str, str | None]:
        return {binding.key: binding.value for binding in self._bindings if binding.key is not None}

    @cached_property
    def _bindings(self) -> Sequence[Binding]:
        if self._path is None:
            return ()
        try:
            lines = StringIO(read_regular(self._path).decode("utf-8-sig"))
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise UsageError(f"{self._path}: can't be read: {why}", hint="lines like NAME=value are wanted") from None
        from dotenv.parser import parse_stream  # noqa: PLC0415 - most runs have no such file

        return tuple(parse_stream(lines))
