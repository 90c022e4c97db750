"""Which transport carries the calls: our own connections, or aiohttp's where a proxy is on the way."""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from asyncsynth.provider.transport.contract import OpenTransport
from asyncsynth.provider.transport.pool import Pool

if TYPE_CHECKING:
    from asyncsynth.provider.transport.proxies import Proxy

Name = Literal["own", "aiohttp"]
KNOWN_PARSER = b'__version__ = "3.'  # of aiohttp; our connections use it, and it is no public API
READ_BYTES = 200  # of its first file, where the version stands


def transport_for(name: Name | None, proxy: Proxy | None, authorities: str | None = None) -> OpenTransport:
    """The transport of that name; without one the fastest that can do it. Our own connections know no proxy.

    `authorities` is a file of certificates to trust beside the system's.
    """
    if name == "own" or (name is None and proxy is None and has_known_parser()):
        return Pool if authorities is None else partial(Pool, authorities=authorities)
    from asyncsynth.provider.transport.session import Session  # noqa: PLC0415 - a tenth of a second, which few runs need

    return partial(Session, proxy=proxy, authorities=authorities)


def has_known_parser() -> bool:
    """Whether the installed aiohttp has the parser that our connections use; told without the time to import it."""
    found = find_spec("aiohttp")
    if found is None or found.origin is None:
        return False
    with Path(found.origin).open("rb") as file:
        return KNOWN_PARSER in file.read(READ_BYTES)
