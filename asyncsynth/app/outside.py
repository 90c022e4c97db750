"""What a run takes from the world around it, as one value, so that tests own time, chance, disk and network."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from msgspec import Struct

from asyncsynth.app.target import Target
from asyncsynth.engine.collaborators import Endpoint
from asyncsynth.engine.missing import NOTED_EVERY
from asyncsynth.store.files import Files, OsFiles
from asyncsynth.store.writer import Sync, sync_in_thread


class OpenEndpoint(Protocol):
    """Opens what answers a target's calls, for so many at a time."""

    def __call__(
        self, target: Target, calls: int, *, keep_truncated: bool
    ) -> AbstractAsyncContextManager[Endpoint]: ...


def over_http(target: Target, calls: int, *, keep_truncated: bool) -> AbstractAsyncContextManager[Endpoint]:
    """The endpoint that the target's section names."""
    from asyncsynth.app.endpoints import http_endpoint  # noqa: PLC0415 - whoever sends nothing must not wait for it

    return http_endpoint(target, calls, keep_truncated=keep_truncated)


class Outside(Struct, frozen=True):
    """`now` gives seconds since the epoch."""

    now: Callable[[], float] = time.time
    rng: random.Random = random.Random()  # noqa: S311 - for jitter
    files: Files = OsFiles()
    sync: Sync = sync_in_thread
    endpoint: OpenEndpoint = over_http
    most_calls: int = 512  # under way, where concurrency = "auto" decides
    noted_every: int = NOTED_EVERY
