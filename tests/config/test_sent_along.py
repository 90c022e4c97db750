"""Headers and query of [endpoint]: what can be sent, and that no value is ever shown."""

from __future__ import annotations

from typing import Any

import pytest

from asyncsynth.config.check import check
from asyncsynth.config.sent_along import checked_headers, checked_proxy, checked_query

SECRET = "sk4Zq81LmmP0aBcDeFgHiJkL"


@pytest.mark.parametrize(
    "headers", [{}, {"X-Title": "a title"}, {"x-key": "${KEY}", "authorization": "Basic ${A}${B}", "A": "$5 {x}"}]
)
def test_headers_that_can_be_sent_are_kept_as_they_are(headers: dict[str, str]) -> None:
    assert checked_headers(headers) == headers
    assert checked_query(headers) == headers


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        (["X-Key"], "must be a table"),
        ({"X Key": "x"}, "no header can have"),
        ({"": "x"}, "no header can have"),
        ({"X\r\nY": "x"}, "no header can have"),
        ({"Content-Length": "5"}, "set by every call itself"),
        ({"host": "x"}, "set by every call itself"),
        ({"X-A": "1", "x-a": "2"}, "x-a appears twice"),
        ({"X-A": 5}, "X-A must be a text"),
        ({"X-A": "a\r\nX-B: 1"}, "X-A has characters that can't be sent"),
        ({"X-A": "é"}, "X-A has characters that can't be sent"),
        ({"X-A": "${KEY"}, "X-A has a .* does not name a variable"),
        ({"X-A": "${A-B}"}, "X-A has a .* does not name a variable"),
        ({"X-A": f"Token {SECRET}"}, "X-A looks like a key: put it into a variable"),
    ],
    ids=str,
)
def test_what_cannot_be_a_header_is_told_by_its_name(headers: Any, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        checked_headers(headers)


@pytest.mark.parametrize("name", ["headers", "query"])
@pytest.mark.parametrize("value", [SECRET, 1234567890123456, [SECRET], {"a": SECRET}, f"{SECRET}\n"], ids=repr)
def test_promise_12_no_message_shows_a_value(name: str, value: Any) -> None:
    problems = check({"endpoint": {"provider": "openai", name: {"X-Key": value}}}, "a config").problems
    told = "\n".join(map(str, problems))
    assert f"endpoint.{name}: X-Key" in told
    assert SECRET not in told
    assert "1234567890123456" not in told


def test_promise_12_a_key_in_the_place_of_auth_is_not_shown() -> None:
    told = "\n".join(map(str, check({"endpoint": {"auth": SECRET}}, "a config").problems))
    assert "endpoint.auth: is neither bearer, none nor the name of a header" in told
    assert SECRET not in told


@pytest.mark.parametrize(
    "proxy", ["none", "proxy.test:3128", "http://[fd00::1]:3128", "http://${A}:${B}@p.test", "${P}"]
)
def test_a_proxy_is_kept_as_it_is(proxy: str) -> None:
    assert checked_proxy(proxy) == proxy


@pytest.mark.parametrize("proxy", ["http://me:sesame@p.test", "me:sesame@p.te", "http://${A}:sesame@p.te", 5, "${P"])
def test_promise_12_a_password_in_the_url_of_a_proxy_is_refused_and_not_shown(proxy: Any) -> None:
    told = "\n".join(map(str, check({"endpoint": {"proxy": proxy}}, "a config").problems))
    assert "endpoint.proxy: " in told
    assert "sesame" not in told
