"""What the kernel holds of a connection: bytes that nobody has read, and bytes sent that have not arrived.

An event loop reads a socket only when its turn comes, so only the kernel knows what is there at this moment. Each look
is one system call of less than a microsecond.
"""

from __future__ import annotations

import select
import sys
from array import array
from collections.abc import Callable

if sys.platform != "win32":
    import fcntl
    import termios


def unread_in(descriptor: int) -> Callable[[int], object]:
    """What tells, if called with 0, whether there are bytes to read, the end of the connection, or an error."""
    if not hasattr(select, "poll"):
        return lambda timeout: select.select([descriptor], [], [], timeout)[0]
    poller = select.poll()
    poller.register(descriptor, select.POLLIN)
    return poller.poll


def undelivered_of(descriptor: int) -> Callable[[], int]:
    """What tells how many of the bytes sent the other side's kernel has not confirmed; 0, where nobody can tell."""
    if sys.platform == "win32":
        return lambda: 0
    ioctl, request, queued = fcntl.ioctl, termios.TIOCOUTQ, array("i", [0])

    def undelivered() -> int:
        try:
            ioctl(descriptor, request, queued, True)
        except OSError:
            return 0
        return queued[0]

    return undelivered
