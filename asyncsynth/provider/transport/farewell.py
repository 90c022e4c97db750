"""What a server says, as haproxy does, before it closes a connection on which it waited long enough for a request."""

from __future__ import annotations

STATUS = 408
_STATUS_LINE = b"HTTP/1."
_SHOWN = b" %d" % STATUS


def is_farewell(data: bytes) -> bool:
    """Whether these bytes are a farewell: an answer to nothing, and no sign that replies are mixed up."""
    return data.startswith(_STATUS_LINE) and data[8:12] == _SHOWN
