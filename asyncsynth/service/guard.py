"""Who may ask what: decides on the headers of a request alone.

A page of somebody else in a browser on this machine can send requests here, also under a host name of its own that
resolves to this machine (DNS rebinding). Its requests name that host, or its origin, and lack the token.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from ipaddress import ip_address
from typing import NamedTuple

from asyncsynth.servers.listening import known_hosts, without_port

OPEN = frozenset({"/", "/healthz", "/reader.css", "/reader.js"})  # without a token: nothing of a run is in them
READS = ("GET", "HEAD")
SCHEME = "Bearer "


class Refusal(NamedTuple):
    """An HTTP status, why, and what to do."""

    status: int
    error: str
    hint: str


class Guard:
    """`host` is the address that is listened on; `token` None: there is none, so nothing can be changed."""

    def __init__(self, host: str, token: str | None) -> None:
        self._host, self._known, self._token = host.lower(), known_hosts(host), token

    def refusal(self, method: str, path: str, headers: Mapping[str, str]) -> Refusal | None:
        """Why a request is not answered; None where it is."""
        host = headers.get("Host", "")
        if not self._names_us(without_port(host)):
            return Refusal(403, "this service is not called that", "open the address that asyncsynth serve printed")
        if not _same_origin(method, path, host, headers):
            return Refusal(
                403, "pages of other origins get nothing here", "open the address of asyncsynth serve itself"
            )
        return None if path in OPEN and method in READS else self._may_not(method, headers)

    def _may_not(self, method: str, headers: Mapping[str, str]) -> Refusal | None:
        if self._token is None and method not in READS:
            return Refusal(
                403,
                "it was started without a token, so nothing can be changed here",
                "start it with a token to change things",
            )
        if self._token is not None and not self._knows_token(headers.get("Authorization", "")):
            return Refusal(
                401, "the token is missing or wrong", "send Authorization: Bearer TOKEN, as serve printed it"
            )
        if method not in READS and headers.get("Content-Type", "").partition(";")[0].strip() != "application/json":
            return Refusal(415, "a body of application/json is wanted", "set Content-Type: application/json")
        return None

    def _names_us(self, host: str) -> bool:
        """An address can't be rebound, a name can."""
        if self._known is not None:
            return host in self._known
        try:
            return bool(ip_address(host.strip("[]")))
        except ValueError:
            return host in (self._host, "localhost") and host != ""

    def _knows_token(self, given: str) -> bool:
        token = (self._token or "").encode()
        return given.startswith(SCHEME) and hmac.compare_digest(given[len(SCHEME) :].encode("utf-8", "replace"), token)


def _same_origin(method: str, path: str, host: str, headers: Mapping[str, str]) -> bool:
    """What a browser tells of the page that asks: one of ours, or a person who opens the page by a link."""
    origin, site = headers.get("Origin"), headers.get("Sec-Fetch-Site", "none")
    if origin is not None and origin != f"http://{host}":
        return False
    opens_the_page = method == "GET" and path == "/" and headers.get("Sec-Fetch-Mode") == "navigate"
    return site in ("none", "same-origin") or opens_the_page
