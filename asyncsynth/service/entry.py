"""What the service remembers of a run that it started, and of how its process ended."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import BaseModel

from asyncsynth.errors import AsyncsynthError
from asyncsynth.service.forms import Limits


class Ending(BaseModel):
    """How a process ended: its exit status, and what it said at last."""

    status: int
    message: str | None
    hint: str | None

    @classmethod
    def of(cls, error: AsyncsynthError) -> Self:
        """The same as a process would tell of this error."""
        return cls(status=error.exit_status, message=error.message, hint=error.hint)


class Entry(BaseModel):
    """A run that was started here. `wanted`: it should work; after a kill the service starts it again.

    `directory` and `config` are absolute; `after` is the number of the newest run before it.
    """

    id: str
    directory: Path
    config: Path
    output: str | None = None
    limit: int | None = None
    limits: Limits = Limits()
    accept_changes: bool = False
    after: int = 0
    pid: int = 0
    wanted: bool = True
    again: bool = False  # to be started once more when it has drained
    ending: Ending | None = None
