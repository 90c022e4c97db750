"""The spelling of a place in requests and in look-ups of addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from asyncsynth.provider.transport.place import Place, place_of

LETTERS = "abZ09._~-=&%/ ü:@?"


@pytest.mark.parametrize(
    ("url", "host", "port", "named", "path"),
    [
        ("http://127.0.0.1:8000/v1", "127.0.0.1", 8000, "127.0.0.1:8000", "/v1"),
        ("http://[::1]:8000/v1", "::1", 8000, "[::1]:8000", "/v1"),
        ("https://[2001:db8::1]/v1", "2001:db8::1", 443, "[2001:db8::1]", "/v1"),
        ("https://api.test", "api.test", 443, "api.test", "/"),
        ("https://api.test:443/v1", "api.test", 443, "api.test", "/v1"),
        ("http://API.test?a=b", "api.test", 80, "api.test", "/?a=b"),
        ("https://bücher.test/v1", "xn--bcher-kva.test", 443, "xn--bcher-kva.test", "/v1"),
        ("https://api.test/v 1/ü?version=1 2", "api.test", 443, "api.test", "/v%201/%C3%BC?version=1+2"),
        ("http://a.test/v1/../v2", "a.test", 80, "a.test", "/v2"),
        ("http://a.test/v1%0d%0ax: y", "a.test", 80, "a.test", "/v1%0D%0Ax:%20y"),
    ],
)
def test_a_place_is_spelt_as_http_and_dns_spell_it(url: str, host: str, port: int, named: str, path: str) -> None:
    place = place_of(url)
    assert (place.host, place.port, place.named, place.path) == (host, port, named, path)


@given(st.text(LETTERS, max_size=12), st.sampled_from(["http", "https"]), st.sampled_from(["", ":80", ":443", ":99"]))
def test_the_short_way_spells_as_yarl_does(rest: str, scheme: str, port: str) -> None:
    text = f"{scheme}://a-1.test{port}/{rest}"
    url = URL(text)
    assert place_of(text) == Place(scheme, url.raw_host or "", url.port or 0, url.raw_path_qs)
    assert place_of(text).named == url.host_port_subcomponent
