from __future__ import annotations

import pytest

from asyncsynth.provider.pages import is_html, plain_message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"\n<!DOCTYPE html><html><head><title> 502 Bad Gateway </title></head>", "a page titled '502 Bad Gateway'"),
        (b"<html><body><h1>It works!</h1><p>Really.</p></body></html>", "a page of HTML that says 'It works! Really.'"),
        (
            b"<html><head><style>p {}</style></head><body><script>x()</script><!-- c --><p>Sign in</p>",
            "a page of HTML that says 'Sign in'",
        ),
        (b"<h1>Service down</h1>", "a page of HTML that says 'Service down'"),
        (b"<html>", "a page of HTML"),
        (b"<?xml version='1.0'?><Error><Code>Busy</Code></Error>", "XML that says 'Busy'"),
        (b" upstream connect error ", "upstream connect error"),
        (b"", ""),
    ],
)
def test_a_body_for_people_says_its_title_or_its_first_words(body: bytes, message: str) -> None:
    assert plain_message(body) == message


def test_the_first_words_of_a_long_page_are_enough() -> None:
    assert len(plain_message(b"<html><body>" + b"word " * 10_000)) < 200


def test_html_is_known_by_type_or_beginning() -> None:
    assert is_html("text/html; charset=utf-8", b"")
    assert is_html(None, b"\xef\xbb\xbf <HTML>")
    assert not is_html("application/json", b'{"text": "<html>"}')
    assert not is_html("application/xml", b"<?xml version='1.0'?><Error/>")
