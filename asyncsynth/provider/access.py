"""How an endpoint is called: the headers and the query of every call, and what in them is secret."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from asyncsynth.config import Endpoint
from asyncsynth.config.addresses import is_clear
from asyncsynth.config.hosts import is_private
from asyncsynth.config.variables import filled, variables_in
from asyncsynth.errors import UsageError
from asyncsynth.provider.api_key import ApiKey, read_key
from asyncsynth.provider.services import BEARER, HEADERS, NO_AUTH, Service
from asyncsynth.provider.variables import Variables
from asyncsynth.regular_file import read_regular

if TYPE_CHECKING:
    from asyncsynth.provider.transport.proxies import Proxy

AUTHORITIES_VARIABLE = "SSL_CERT_FILE"
PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_PEM = "name a file of certificates in PEM form: its lines begin with -----BEGIN CERTIFICATE-----"
SECRET_FROM = 6  # characters of a variable's value; a shorter one keeps nothing safe, and is a part of many words


class Access:
    """No repr shows it; `headers` and `query` are for the calls alone, `scrub` is for all that people or disks see."""

    __slots__ = ("_headers", "_query", "_secrets", "authorities", "proxy")

    def __init__(
        self,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        secrets: tuple[ApiKey, ...] = (),
        proxy: Proxy | None = None,
        authorities: str | None = None,
    ) -> None:
        self.proxy = proxy
        self.authorities = authorities
        self._headers = dict(headers or {})
        self._query = dict(query or {})
        self._secrets = secrets

    def headers(self) -> dict[str, str]:
        return dict(self._headers)

    def query(self) -> dict[str, str]:
        return dict(self._query)

    def scrub(self, text: str) -> str:
        """`text` without the secrets, in any of their forms."""
        for secret in self._secrets:
            text = secret.scrub(text)
        return text

    def __repr__(self) -> str:
        return f"Access({len(self._secrets)} secrets)"

    def __reduce__(self) -> str:
        raise TypeError("secrets are not pickled: they would be on a disk")


def bearer(key: ApiKey) -> Access:
    """What most services want."""
    return Access({"Authorization": f"Bearer {key.reveal()}"}, secrets=(key,))


def access_to(service: Service, endpoint: Endpoint, variables: Variables) -> Access:
    """The access that a config asks for. Raises UsageError where a variable that it needs is not set."""
    if service.ours:
        return Access()
    secrets: list[ApiKey] = []

    def value_of(name: str) -> str:
        value = variables.get(name)
        if not value:
            raise UsageError(
                f"the environment variable {name} is not set, and endpoint.headers, query or proxy names it",
                hint=f"export {name}=..., or write it into {variables.file}",
            )
        if not value.isascii() or not value.isprintable():
            raise UsageError(f"{name} has line breaks or characters beyond ASCII, which can't be sent")
        if len(value) >= SECRET_FROM:
            secrets.append(ApiKey(value))
        return value

    given = {name: filled(text, value_of) for name, text in endpoint.headers.items()}
    query = {name: filled(text, value_of) for name, text in endpoint.query.items()}
    # A login of one part or of two is in one header; whatever of it an endpoint repeats is taken out.
    secrets += [ApiKey(given[name]) for name, text in endpoint.headers.items() if len(variables_in(text)) > 1]
    headers = laid_over(HEADERS.get(endpoint.api or service.api, {}), given)
    auth = endpoint.auth or service.auth
    header = "Authorization" if auth == BEARER else auth
    if auth != NO_AUTH and header.lower() not in {name.lower() for name in given}:
        key = _key(service, endpoint, variables)
        if key is not None:
            headers[header] = f"Bearer {key.reveal()}" if auth == BEARER else key.reveal()
            secrets.append(key)
    proxy = _proxy(service, endpoint, variables, value_of)
    if proxy is not None and len(proxy.password) >= SECRET_FROM:
        secrets.append(ApiKey(proxy.password))
    longest_first = tuple(sorted(secrets, key=lambda secret: -len(secret.reveal())))
    return Access(headers, query, longest_first, proxy, _authorities(variables))


def _authorities(variables: Variables) -> str | None:
    """The file of certificates to trust beside those that OpenSSL finds itself. UsageError where one names none."""
    path = variables.path(AUTHORITIES_VARIABLE)
    if path is None:
        return None
    try:
        pem = read_regular(path)
    except OSError as error:
        raise UsageError(f"{AUTHORITIES_VARIABLE}: can't read {path}: {error.strerror}", hint=_PEM) from None
    if b"-----BEGIN " not in pem:
        raise UsageError(f"{AUTHORITIES_VARIABLE}: {path} has no certificate in it", hint=_PEM)
    return None if variables.in_environment(AUTHORITIES_VARIABLE) else str(path)


def _proxy(service: Service, endpoint: Endpoint, variables: Variables, value_of: Callable[[str], str]) -> Proxy | None:
    """The proxy on the way; with our own connections there is none."""
    named = None if endpoint.proxy is None else filled(endpoint.proxy, value_of)
    if endpoint.transport == "own" or (named is None and not any(map(variables.get, PROXY_VARIABLES))):
        return None
    from asyncsynth.provider.transport.proxies import proxy_for  # noqa: PLC0415 - most runs have none

    return proxy_for(endpoint.base_url or service.base_url or "", named, variables.get)


def laid_over(below: Mapping[str, str], above: Mapping[str, str]) -> dict[str, str]:
    """Both, where `above` wins, whatever case a name is written in."""
    names = {name.lower() for name in above}
    return {name: value for name, value in below.items() if name.lower() not in names} | dict(above)


def _key(service: Service, endpoint: Endpoint, variables: Variables) -> ApiKey | None:
    """The API key; None where the service can do without, and none is there."""
    base_url, variable = endpoint.base_url or service.base_url or "", endpoint.api_key_env or service.key_variable
    if variable is None:
        return None
    if is_clear(base_url) and service.needs_key and endpoint.api_key_env is None:
        return None  # a key that nobody named does not leave this machine unencrypted
    required = service.needs_key and not is_private(urlsplit(base_url).hostname or "")
    return read_key(variable, variables, required=required)
