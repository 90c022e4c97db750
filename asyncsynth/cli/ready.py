"""Whom a server of ours tells that it listens: the run that started it, or a person."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from asyncsynth.cli.console import say
from asyncsynth.servers.child import end_with_parent, tell_parent


def on_ready(parent_fd: int | None) -> Callable[[str], None]:
    """What to call with the base_url; from now on the process ends with its parent, if it has one."""
    if parent_fd is None:
        return lambda base_url: say(f"listening: {base_url}")
    end_with_parent(parent_fd)
    return partial(tell_parent, parent_fd)
