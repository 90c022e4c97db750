"""What a base_url may be, and who could read what is sent there."""

from __future__ import annotations

import pytest

from asyncsynth.config.addresses import checked_base_url, is_clear, is_exposed


@pytest.mark.parametrize(
    "url",
    [
        "https://api.openai.com/v1/",
        "http://127.0.0.1:8080/v1",
        "http://localhost:1/v1",
        "http://[::1]:8000/v1/",
        "http://host/v1",
    ],
)
def test_a_safe_base_url_is_kept_without_its_last_slash(url: str) -> None:
    assert checked_base_url(url) == url.rstrip("/")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://x/v1", "expected a URL"),
        ("api.openai.com", "expected a URL"),
        ("https://me:pw@host/v1", "would be logged"),
        ("https://host/v1?api-key=x", "no query or fragment here; .* endpoint.query"),
        ("https://host/v1/chat/completions", "leave out /chat/completions at its end"),
        ("https://host/v1/completions/", "leave out /completions at its end"),
        ("https://host/v1/responses", "leave out /responses at its end"),
        ("https://host/v1/messages", "leave out /messages at its end"),
        ("https://host/v1beta/models/m:generateContent", "leave out :generateContent at its end"),
        ("https://host:port/v1", "expected a URL"),
        ("https://[host/v1", "expected a URL"),
    ],
)
def test_an_unsafe_base_url_is_refused(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        checked_base_url(url)


@pytest.mark.parametrize(
    ("url", "clear", "exposed"),
    [
        ("https://api.example.com/v1", False, False),
        ("http://127.0.0.1:8000/v1", False, False),
        ("http://[::1]:8000/v1", False, False),
        ("http://192.168.1.20:8000/v1", True, False),
        ("http://[fd00::5]:8000/v1", True, False),
        ("http://gpu-box.local/v1", True, False),
        ("http://gpu-box:8000/v1", True, True),
        ("http://203.0.113.5/v1", True, True),
        ("http://127.0.0.1.evil.example/v1", True, True),
    ],
)
def test_who_could_read_what_is_sent_is_told_from_the_url_alone(url: str, clear: bool, exposed: bool) -> None:
    assert (is_clear(url), is_exposed(url)) == (clear, exposed)
