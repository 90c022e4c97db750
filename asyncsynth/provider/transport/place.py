"""Where posts go, in the spelling of DNS and HTTP: a host in ASCII, a path and a query with escapes."""

from __future__ import annotations

import re

from msgspec import Struct

PORTS = {"http": 80, "https": 443}
# Every URL but for unusual ones is spelt so already, and then yarl, which takes 10 ms to load, need not look at it.
_AS_IT_IS = re.compile(
    r"(https?)://([a-z0-9.-]+)(?::([0-9]{1,5}))?((?:/(?!\.)[A-Za-z0-9._~:-]*)*(?:\?[A-Za-z0-9._~=&-]+)?)"
)


class Place(Struct, frozen=True):
    """`path` has the query in it; an IPv6 `host` has no brackets."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def named(self) -> str:
        """What a Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def place_of(url: str) -> Place:
    """The place of an http or https URL; ValueError for what is none."""
    plain = _AS_IT_IS.fullmatch(url)
    if plain is None:
        return _spelt_anew(url)
    scheme, host, port, path = plain.groups()
    return Place(scheme, host, int(port or PORTS[scheme]), path if path.startswith("/") else f"/{path}")


def _spelt_anew(url: str) -> Place:
    from yarl import URL  # noqa: PLC0415 - see above

    asked = URL(url)
    return Place(asked.scheme, asked.raw_host or "", asked.port or 0, asked.raw_path_qs)
