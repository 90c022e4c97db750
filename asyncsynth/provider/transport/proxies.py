"""Which proxy a URL is called through: the one that the config names, else that of the environment, else none.

The names are curl's: http_proxy, https_proxy, all_proxy, no_proxy, also in capitals; the small ones win.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

from yarl import URL

from asyncsynth.config.hosts import is_loopback
from asyncsynth.errors import UsageError
from asyncsynth.provider.services import NO_PROXY

FOR_ALL = "all_proxy"


@dataclass(frozen=True, slots=True)
class Proxy:
    """`url` has no login in it, so that it can be shown; `source` is where it was named."""

    url: URL
    source: str
    user: str | None = field(default=None, repr=False)
    password: str = field(default="", repr=False)

    def headers(self) -> dict[str, str]:
        """What the proxy wants beside a request that is for it alone, or for it to pass on (RFC 7617)."""
        if self.user is None:
            return {}
        login = b64encode(f"{self.user}:{self.password}".encode()).decode()
        return {"Proxy-Authorization": f"Basic {login}"}


def proxy_for(url: str, named: str | None, value_of: Callable[[str], str]) -> Proxy | None:
    """The proxy on the way to `url`; None: it is called directly.

    `named` is endpoint.proxy with its variables filled in, `value_of` gives the environment's. This machine itself is
    never called through a proxy of the environment. Raises UsageError, which shows no login, for what is no proxy.
    """
    if named is not None:
        return None if named == NO_PROXY else proxy_of(named, "endpoint.proxy")
    target = URL(url)
    host = target.host or ""
    if is_loopback(host):
        return None
    for name in (f"{target.scheme}_proxy", FOR_ALL):
        for spelling in (name, name.upper()):
            if value := value_of(spelling):
                exceptions = value_of("no_proxy") or value_of("NO_PROXY")
                return None if is_exception(host, target.port, exceptions) else proxy_of(value, spelling)
    return None


def proxy_of(value: str, source: str) -> Proxy:
    """What names a proxy, like `proxy:3128` or `http://user:password@proxy:3128`."""
    wanted = "expected an HTTP proxy like http://proxy.example.com:3128"
    try:
        url = URL(value if "://" in value else f"http://{value}")
        host, user, password = url.host, url.user, url.password
    except ValueError:
        host, url, user, password = None, URL(), None, None
    if url.scheme.startswith("socks"):
        raise UsageError(f"{source} names a SOCKS proxy, which can't be used here", hint=wanted)
    if not host or url.scheme not in ("http", "https"):
        raise UsageError(f"{source} names no proxy: {wanted}", hint="a login in it has %40 for @ and %3A for :")
    return Proxy(url.origin(), source, user, password or "")


def is_exception(host: str, port: int | None, exceptions: str) -> bool:
    """Whether a no_proxy like `localhost, .corp.example, 10.0.0.0/8` has the host in it: by name, ending or network."""
    host = host.rstrip(".").lower()
    for entry in exceptions.replace(",", " ").split():
        name = entry.lower().removeprefix("*").strip("[]").lstrip(".")
        if entry == "*" or name in (host, f"{host}:{port}") or (name and host.endswith(f".{name}")):
            return True
        if "/" in name and _is_in_network(host, name):
            return True
    return False


def _is_in_network(host: str, network: str) -> bool:
    try:
        return ip_address(host) in ip_network(network, strict=False)
    except (ValueError, TypeError):  # no address, no network, or one of the other family
        return False
