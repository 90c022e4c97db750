"""Which proxy a URL is called through."""

from __future__ import annotations

import pytest

from asyncsynth.errors import UsageError
from asyncsynth.provider.transport.proxies import is_exception, proxy_for, proxy_of

FAR = "https://api.example.com/v1"
LAN = "http://192.168.1.20:8000/v1"
P, Q, R = "http://p.test:1", "http://q.test:2", "http://r.test:3"


def through(url: str, named: str | None = None, **environ: str) -> str | None:
    proxy = proxy_for(url, named, lambda name: environ.get(name, ""))
    return None if proxy is None else str(proxy.url)


@pytest.mark.parametrize(
    ("url", "environ", "proxy"),
    [
        (FAR, {}, None),
        (FAR, {"HTTPS_PROXY": P}, P),
        (FAR, {"https_proxy": P, "HTTPS_PROXY": Q}, P),
        (FAR, {"HTTP_PROXY": P}, None),
        (LAN, {"HTTP_PROXY": P, "HTTPS_PROXY": Q}, P),
        (FAR, {"ALL_PROXY": R}, R),
        (FAR, {"ALL_PROXY": R, "HTTPS_PROXY": P}, P),
        (FAR, {"HTTPS_PROXY": "p.test:1"}, P),
        (FAR, {"HTTPS_PROXY": P, "NO_PROXY": "example.com"}, None),
        (FAR, {"HTTPS_PROXY": P, "no_proxy": "other.test", "NO_PROXY": "example.com"}, P),
        (LAN, {"HTTP_PROXY": P, "NO_PROXY": "localhost,192.168.0.0/16"}, None),
        ("http://localhost:8000/v1", {"HTTP_PROXY": P}, None),
        ("http://127.0.0.1:8000/v1", {"ALL_PROXY": P}, None),
        ("http://[::1]:8000/v1", {"HTTP_PROXY": P}, None),
    ],
)
def test_the_environment_says_it_as_it_says_it_to_curl(url: str, environ: dict[str, str], proxy: str | None) -> None:
    assert through(url, **environ) == proxy


def test_what_the_config_names_wins_even_for_this_machine() -> None:
    assert through(FAR, Q, HTTPS_PROXY=P, NO_PROXY="*") == Q
    assert through("http://localhost:1/v1", Q) == Q
    assert through(FAR, "none", HTTPS_PROXY=P) is None


@pytest.mark.parametrize(
    "exceptions",
    [
        "*",
        "api.example.com",
        "example.com",
        ".example.com",
        "*.example.com",
        "a.b, API.Example.com",
        "api.example.com:443",
    ],
)
def test_a_host_is_an_exception_by_its_name_or_the_end_of_it(exceptions: str) -> None:
    assert is_exception("api.example.com", 443, exceptions)


@pytest.mark.parametrize(
    "exceptions", ["", ",", "ample.com", "api.example.com:80", "example", "10.0.0.0/8", "com.", "/"]
)
def test_others_are_not(exceptions: str) -> None:
    assert not is_exception("api.example.com", 443, exceptions)


@pytest.mark.parametrize(
    ("host", "exceptions", "expected"),
    [
        ("10.1.2.3", "10.0.0.0/8", True),
        ("10.1.2.3", "10.1.2.9/8", True),
        ("11.1.2.3", "10.0.0.0/8", False),
        ("10.1.2.3", "10.1.2.3", True),
        ("fd00::5", "fd00::/8", True),
        ("fd00::5", "10.0.0.0/8", False),
        ("fd00::5", "[fd00::5]", True),
    ],
)
def test_an_address_is_an_exception_by_its_network(host: str, exceptions: str, expected: bool) -> None:
    assert is_exception(host, 80, exceptions) == expected


def test_a_login_is_read_and_never_shown() -> None:
    proxy = proxy_of("http://user:p%40ss%3Aword@proxy.test:3128/", "HTTPS_PROXY")
    assert (str(proxy.url), proxy.user, proxy.password) == ("http://proxy.test:3128", "user", "p@ss:word")
    assert "p@ss" not in repr(proxy)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("socks5://user:sesame@p.test:1080", "SOCKS"),
        ("ftp://user:sesame@p.test", "names no proxy"),
        ("http://user:sesame@", "names no proxy"),
        ("http://user:sesame@p.test:port", "names no proxy"),
        ("http://user:sesame@[p", "names no proxy"),
    ],
)
def test_what_is_no_proxy_is_told_by_where_it_was_named(value: str, why: str) -> None:
    with pytest.raises(UsageError, match=f"HTTPS_PROXY .*{why}|HTTPS_PROXY {why}") as refused:
        proxy_of(value, "HTTPS_PROXY")
    assert "sesame" not in f"{refused.value} {refused.value.hint}"
