"""Nobody gets an answer under another host's name, from another origin, or without the token."""

from __future__ import annotations

import pytest

from asyncsynth.service.guard import Guard

TOKEN = "a-token-of-the-tests"
GOOD = {"Host": "127.0.0.1:8642", "Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}


def status(
    headers: dict[str, str],
    method: str = "GET",
    path: str = "/api/runs",
    *,
    host: str = "127.0.0.1",
    token: str | None = TOKEN,
) -> int:
    """Of the refusal; 0 where there is none."""
    refused = Guard(host, token).refusal(method, path, headers)
    return 0 if refused is None else refused.status


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_who_brings_the_token_is_answered(method: str) -> None:
    assert status(GOOD, method) == 0


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST"])
def test_the_names_of_loopback_are_ours(name: str) -> None:
    assert status({**GOOD, "Host": f"{name}:8642"}) == 0


@pytest.mark.parametrize("name", ["evil.test", "127.0.0.1.evil.test", "localhost.evil.test", "", "10.0.0.1", "[::2]"])
def test_a_rebound_name_is_refused_even_with_the_token(name: str) -> None:
    assert status({**GOOD, "Host": f"{name}:8642"}) == 403
    assert status({"Host": f"{name}:8642"}, path="/") == 403


@pytest.mark.parametrize("origin", ["http://evil.test", "null", "http://127.0.0.1:1", "https://127.0.0.1:8642"])
def test_another_origin_is_refused_even_with_the_token(origin: str) -> None:
    assert status({**GOOD, "Origin": origin}, "POST") == 403
    assert status({**GOOD, "Origin": origin}) == 403


def test_our_own_origin_is_answered() -> None:
    assert status({**GOOD, "Origin": "http://127.0.0.1:8642", "Sec-Fetch-Site": "same-origin"}, "POST") == 0


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_another_site_loads_is_refused_and_a_link_to_the_page_works(site: str) -> None:
    assert status({**GOOD, "Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"}) == 403
    assert status({"Host": "127.0.0.1", "Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"}, path="/reader.js") == 403
    assert status({"Host": "127.0.0.1", "Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate"}, path="/") == 0
    assert status({**GOOD, "Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate"}) == 403


@pytest.mark.parametrize(
    "given", ["", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer \udcff"]
)
@pytest.mark.parametrize("path", ["/api/runs", "/metrics", "/api/openapi.json", "/nothing"])
def test_without_the_token_nothing_of_a_run_is_told(given: str, path: str) -> None:
    assert status({**GOOD, "Authorization": given}, path=path) == 401


@pytest.mark.parametrize("path", ["/", "/healthz", "/reader.js"])
def test_the_page_and_the_pulse_are_open(path: str) -> None:
    assert status({"Host": "127.0.0.1:8642"}, path=path) == 0
    assert status({"Host": "127.0.0.1:8642"}, "POST", path) == 401


def test_without_any_token_everybody_here_may_look_and_nobody_change() -> None:
    bare = {"Host": "127.0.0.1", "Content-Type": "application/json"}
    assert status(bare, token=None) == 0
    assert status(bare, "POST", token=None) == 403


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_what_a_form_can_send_is_no_change(kind: str) -> None:
    assert status({**GOOD, "Content-Type": kind}, "POST") == 415


@pytest.mark.parametrize("name", ["192.168.1.2:8642", "[fe80::1]:8642", "localhost:1", "box.lan:8642"])
def test_on_other_addresses_addresses_and_its_own_name_are_ours(name: str) -> None:
    assert status({**GOOD, "Host": name}, host="box.lan") == 0


def test_on_other_addresses_no_other_name_is() -> None:
    assert status({**GOOD, "Host": "evil.test:8642"}, host="0.0.0.0") == 403
