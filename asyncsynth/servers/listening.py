"""Where a server of ours listens, and for whom: none of them asks for a key."""

from __future__ import annotations

import os
import socket
from contextlib import closing

from asyncsynth.config.hosts import is_loopback
from asyncsynth.errors import UsageError


def known_hosts(host: str) -> frozenset[str] | None:
    """What a request to a server on this address may name as its host; None: anything.

    A page in a browser on this machine can have its own name resolve to 127.0.0.1, and so reach what listens there; its
    requests still name it. Whoever listens on other addresses is reached by names that nobody knows here.
    """
    if not is_loopback(host):
        return None
    return frozenset(("localhost", "127.0.0.1", "[::1]", f"[{host}]" if ":" in host else host))


def without_port(host: str) -> str:
    """The name or address in a Host header."""
    name, bracket, _ = host.lower().partition("]")
    return name + bracket if bracket else name.partition(":")[0]


def check_free(host: str, port: int) -> None:
    """Raise UsageError where nobody can listen on this address; one who is quick may still be first."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with closing(socket.socket(family, kind, protocol)) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do, else an old connection counts
            trial.bind(address)
            trial.listen(1)
    except OSError as error:
        raise cannot_listen(host, port, error) from error


def cannot_listen(host: str, port: int, error: OSError) -> UsageError:
    """How every server of ours says that its address is not to be had."""
    number = error.errno or 0  # a name that can't be resolved has a negative one, and words of its own
    why = os.strerror(number) if number > 0 else error.strerror or error  # asyncio wraps the system's words in others
    return UsageError(
        f"can't listen on {host} port {port}: {why}",
        hint="--port names another one, and 0 stands for any that is free",
    )
