"""What the kernel holds of a connection: bytes that nobody has read, and bytes sent that have not arrived.

An event loop reads a socket only when its turn comes, so only the kernel knows what is there at this moment.
"""

from __future__ import annotations

import select
import sys
from array import array

if sys.platform != "win32":
    import fcntl
    import termios

_CAN_POLL = hasattr(select, "poll")


class SocketState:
    """Of the open socket with this descriptor; each look is one system call of less than a microsecond."""

    __slots__ = ("_descriptor", "_poll", "_queued")

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._queued = array("i", [0])
        if _CAN_POLL:
            poller = select.poll()
            poller.register(descriptor, select.POLLIN)
            self._poll = poller.poll

    def has_unread(self) -> bool:
        """Whether there is something to read: bytes, the end of the connection, or an error."""
        if _CAN_POLL:
            return bool(self._poll(0))
        return bool(select.select([self._descriptor], [], [], 0)[0])

    def has_undelivered(self) -> bool:
        """Whether the other side's kernel has not confirmed all bytes that were sent; False where nobody can tell."""
        if sys.platform == "win32":
            return False
        try:
            fcntl.ioctl(self._descriptor, termios.TIOCOUTQ, self._queued, True)
        except OSError:
            return False
        return self._queued[0] > 0
