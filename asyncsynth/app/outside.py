"""What a run takes from the world around it, as one value, so that tests own time, chance, disk and network."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple

from asyncsynth.app.job import Job
from asyncsynth.engine.collaborators import Endpoint
from asyncsynth.engine.missing import NOTED_EVERY
from asyncsynth.store.files import Files, OsFiles
from asyncsynth.store.writer import Sync, sync_in_thread


def over_http(job: Job, calls: int) -> AbstractAsyncContextManager[Endpoint]:
    """The endpoint of the job's config."""
    from asyncsynth.app.endpoints import http_endpoint  # noqa: PLC0415 - whoever sends nothing must not wait for it

    return http_endpoint(job, calls)


class Outside(NamedTuple):
    """`now` gives seconds since the epoch; `endpoint` opens what answers the job's calls, for so many at a time."""

    now: Callable[[], float] = time.time
    rng: random.Random = random.Random()  # noqa: S311 - for jitter
    files: Files = OsFiles()
    sync: Sync = sync_in_thread
    endpoint: Callable[[Job, int], AbstractAsyncContextManager[Endpoint]] = over_http
    most_calls: int = 512  # under way, where concurrency = "auto" decides
    noted_every: int = NOTED_EVERY
