"""How many calls the operating system lets us have open at a time: each takes a file descriptor."""

from __future__ import annotations

from collections.abc import Sequence

SPARE = 64  # descriptors for the output files, the event loop, DNS and libraries


def room_for(calls: Sequence[int]) -> list[int]:
    """How many of each endpoint's concurrent calls fit, all of them together, below this process's limit of open files.

    The soft limit is raised as far as they need it and the hard one allows.
    """
    wanted = sum(calls)
    room = _raised(wanted + SPARE) - SPARE
    return list(calls) if room >= wanted else [max(1, of_one * room // wanted) for of_one in calls]


def _raised(wanted: int) -> int:
    """The limit of open files, raised to `wanted` if that can be."""
    try:
        import resource  # noqa: PLC0415 - there is none on every platform
    except ImportError:
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    raised = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
    except (OSError, ValueError):  # forbidden here, so the soft limit stands
        return soft
    return raised
