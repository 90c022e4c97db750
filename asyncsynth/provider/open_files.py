"""How many calls the operating system lets us have open at a time: each takes a file descriptor."""

from __future__ import annotations

SPARE = 64  # descriptors for the output files, the event loop, DNS and libraries


def room_for(calls: int) -> int:
    """How many of `calls` concurrent calls fit below this process's limit of open files.

    The soft limit is raised as far as they need it and the hard one allows.
    """
    try:
        import resource  # noqa: PLC0415 - there is none on every platform
    except ImportError:
        return calls
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = calls + SPARE
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return calls
    raised = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
    except (OSError, ValueError):  # forbidden here, so the soft limit stands
        raised = soft
    return max(1, min(calls, raised - SPARE))
