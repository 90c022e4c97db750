"""A run as a process of its own: how it is started, told to stop, and what it said at last."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from asyncsynth.app.following import Seen
from asyncsynth.servers.child import own_command, own_error
from asyncsynth.service.entry import Ending, Entry
from asyncsynth.service.state_folder import StateFolder

TOKEN_VARIABLE = "ASYNCSYNTH_TOKEN"  # noqa: S105 - a name
_LAST = 1 << 14  # bytes of a log that are looked at
_PROGRESS = b'"event": "progress"'


def arguments(entry: Entry, folder: StateFolder) -> list[str]:
    """Of `asyncsynth run`; the process checks for itself that its config stays below the folder."""
    limits = entry.limits
    given = {
        "--output": entry.output,
        "--limit": entry.limit,
        "--concurrency": limits.concurrency,
        "--max-cost": limits.max_cost_usd,
    }
    told = ["run", "--config", str(entry.config), "--below", str(folder.root), "--log-format", "json"]
    for option, value in given.items():
        told += [] if value is None else [option, str(value)]
    for name in ("requests_per_minute", "tokens_per_minute"):
        value = getattr(limits, name)
        told += [] if value is None else ["--set", f"limits.{name}={value}"]
    return told + (["--accept-changes"] if entry.accept_changes else [])


async def started(entry: Entry, folder: StateFolder) -> asyncio.subprocess.Process:
    """The process, in a session of its own: nothing that ends the service ends it."""
    log = os.open(folder.log_of(entry.id), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    try:
        return await asyncio.create_subprocess_exec(
            *own_command(*arguments(entry, folder)),
            cwd=folder.root,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={name: value for name, value in os.environ.items() if name != TOKEN_VARIABLE},
            start_new_session=True,
        )
    finally:
        os.close(log)


def interrupt(entry: Entry, seen: Seen) -> bool:
    """Tell the run to drain, the second time to cut off its calls; False where its process does not hold the directory.

    The lock names the process that works now: no other one is ever signalled.
    """
    if not entry.pid or seen.pid != entry.pid:
        return False
    try:
        os.kill(entry.pid, signal.SIGINT)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def ending_of(status: int, log: Path) -> Ending:
    """What a process said of its end, where that was an early one."""
    error = None if status == 0 else own_error(_tail(log).decode("utf-8", "replace"))
    message, hint = error or (None, None)
    return Ending(status=status, message=message, hint=hint or None)


def progress_in(log: Path) -> Mapping[str, Any]:
    """The newest progress line of a process; empty where it wrote none yet."""
    for line in reversed(_tail(log).split(b"\n")[:-1]):
        if _PROGRESS in line:
            try:
                told = json.loads(line)
            except ValueError:
                continue
            return told if isinstance(told, dict) else {}
    return {}


def _tail(log: Path) -> bytes:
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _LAST))
            return file.read()
    except OSError:
        return b""
