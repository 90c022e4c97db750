"""The tree of errors; only the command line prints them and turns them into an exit status.

AsyncsynthError                 message, hint (the command or the change to go on with), exit_status
|-- UsageError            2     the command line or the config is wrong; nothing was sent or written
|   |-- ConfigError             every mistake of config.toml at once, as Problems
|   `-- RecipeChanged           paid answers would be left behind; --accept-changes goes on
|-- SpendCapReached       3     the next call's worst case would pass limits.max_cost_usd
|-- Collapsed             3     the answers repeat each other more than quality.stop_when allows
|-- EndpointStopped       4     no further call can succeed: bad key, no credit, unknown model, breaker open
|   `-- LocalModelMissing       the extra `local` is not installed, or its server did not start
|-- StoreError            5     the output directory can't be used
|   |-- StoreLocked             another run works on it
|   |-- StoreDamaged            a good line after a bad one, or records that contradict the manifest
|   `-- StoreWriteFailed        disk full, EIO, read-only; everything before is kept
|       `-- StoreTakenAway      the files were moved, replaced or deleted under the run; says where the data is
|-- ExportFailed          5     an export can't be written; what stood in its place is as it was
`-- Interrupted         130     a signal ended the run; everything received is kept
"""

from __future__ import annotations

import copyreg
import difflib
from collections.abc import Iterable
from typing import Any, ClassVar

from msgspec import Struct


class AsyncsynthError(Exception):
    """Base of all errors that reach a user: `message` says what and why, `hint` what to do now."""

    exit_status: ClassVar[int] = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled as it is, for pools of processes: what its class was called with is not known any more."""
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]


class UsageError(AsyncsynthError):
    """The command line or the config is wrong; nothing was sent or written."""

    exit_status = 2


class Problem(Struct, frozen=True):
    """One mistake in a config: its place ("limits.concurrency"), what is wrong, the nearest valid name or value."""

    place: str
    what: str
    nearest: str | None = None

    def __str__(self) -> str:
        near = self.nearest
        shown = near if near is None or near == near.strip() else f'"{near}"'  # else nobody sees its blanks
        suggestion = f"; did you mean {shown}?" if shown else ""
        return f"{self.place}: {self.what}{suggestion}"


def nearest(name: object, known: Iterable[object]) -> str | None:
    """The known name that `name` was probably meant to be."""
    matches = difflib.get_close_matches(str(name), [str(one) for one in known], n=1, cutoff=0.5)
    return matches[0] if matches else None


class ConfigError(UsageError):
    """All mistakes of one config at once."""

    def __init__(self, source: str, problems: tuple[Problem, ...]) -> None:
        count = "1 mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
        lines = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"{source}: {count}\n{lines}", hint="correct the config; nothing was sent")
        self.problems = problems


class RecipeChanged(UsageError):
    """The changed recipe would leave paid answers behind and buy others."""


class SpendCapReached(AsyncsynthError):
    """The worst case of the next call does not fit below limits.max_cost_usd."""

    exit_status = 3


class Collapsed(AsyncsynthError):
    """The answers repeat each other more than quality.stop_when allows."""

    exit_status = 3


class EndpointStopped(AsyncsynthError):
    """No further call can succeed."""

    exit_status = 4


class LocalModelMissing(EndpointStopped):
    """The local model can't be started on this machine as it is."""


class StoreError(AsyncsynthError):
    """The output directory can't be used."""

    exit_status = 5


class StoreLocked(StoreError):
    """Another run holds the lock of the output directory."""


class StoreDamaged(StoreError):
    """A file of the store holds a bad line before a good one; nothing is cut off by itself."""


class StoreWriteFailed(StoreError):
    """A write or a sync failed (disk full, EIO, read-only); what was committed before stays."""


class StoreTakenAway(StoreWriteFailed):
    """The directory, or files in it, were moved, replaced or deleted under the run; the message says where they are."""


class ExportFailed(AsyncsynthError):
    """An export can't be written (disk full, read-only); what stood in its place is as it was."""

    exit_status = 5


class Interrupted(AsyncsynthError):
    """A signal ended the run before all samples were there."""

    exit_status = 130
