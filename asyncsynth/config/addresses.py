"""What a base_url may be, and whether what is sent there can be read on the way."""

from __future__ import annotations

from urllib.parse import urlsplit

from asyncsynth.config.hosts import is_loopback, is_private

EXPECTED = "expected a URL like https://api.openai.com/v1"
# What wires append to a base_url themselves.
ENDPOINT_PATHS = ("/chat/completions", "/completions", "/responses", "/embeddings", "/messages", ":generateContent")


def checked_base_url(url: str) -> str:
    """`url` without trailing slashes; ValueError unless it is one of http or https with no user and no query in it."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port  # which raises for what is no port
    except ValueError:
        raise ValueError(EXPECTED) from None
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError(EXPECTED)
    if parts.username or parts.password:
        raise ValueError("a user or password in the URL would be logged; name the key's variable in api_key_env")
    if parts.query or parts.fragment:
        raise ValueError("no query or fragment here; what every call's URL should have belongs in endpoint.query")
    path = parts.path.rstrip("/")
    for end in ENDPOINT_PATHS:
        if path.endswith(end):
            raise ValueError(f"leave out {end} at its end: endpoint.api says which of the service's paths is called")
    return url.rstrip("/")


def is_clear(url: str) -> bool:
    """Whether what is sent to a checked base_url leaves this machine unencrypted."""
    parts = urlsplit(url)
    return parts.scheme == "http" and not is_loopback(parts.hostname or "")


def is_exposed(url: str) -> bool:
    """Whether what is sent to a checked base_url passes networks of others unencrypted."""
    return is_clear(url) and not is_private(urlsplit(url).hostname or "")
