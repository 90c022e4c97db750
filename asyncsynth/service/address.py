"""Where the service listens, and the token: kept beside the configs, so that an open page outlives a restart."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import NamedTuple

from asyncsynth.config.hosts import is_loopback
from asyncsynth.errors import UsageError
from asyncsynth.service.state_folder import replace

TOKEN_FILE = "token"  # noqa: S105 - a name
_FEWEST = 16  # characters of a token that somebody chose


class Address(NamedTuple):
    """`port` 0: any free one; `token` None: everybody on this machine may look, and nobody may change anything."""

    host: str
    port: int
    token: str | None


def address_of(host: str, port: int, token: str | None, state: Path) -> Address:
    """The address with its token: the given one, or the one of this state; "" stands for none.

    Raises UsageError for one that others could reach without a token.
    """
    if token == "" and not is_loopback(host):
        raise UsageError(
            f"{host}: others can reach it, so it needs a token",
            hint="leave --token out, and one is made; or choose one",
        )
    if token and (len(token) < _FEWEST or not token.isascii() or not token.isprintable() or " " in token):
        raise UsageError(
            f"the token must have at least {_FEWEST} printable characters and no blanks",
            hint="leave --token out, and one is made",
        )
    return Address(host, port, kept_token(state) if token is None else token or None)


def kept_token(state: Path) -> str:
    """The token of this state, made at its first start; only its owner can read it."""
    path = state / TOKEN_FILE
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), encoding="ascii") as file:
            if len(token := file.read(200).strip()) >= _FEWEST:
                return token
    except (FileNotFoundError, UnicodeDecodeError):
        pass
    token = secrets.token_urlsafe(32)
    replace(path, token.encode())
    return token


def url_of(host: str, port: int) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"
