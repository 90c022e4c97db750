"""The reader's page: put together as one file that needs nothing else, or in parts that a service sends."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

_SCRIPTS = (
    "elements.js", "words.js", "sources.js", "marks.js", "charts.js", "coverage.js", "alike.js", "panels.js",
    "cards.js", "reading.js", "live.js", "main.js",
)  # fmt: skip
_STYLES = ("page.css",)
_POLICY = "default-src 'none'; {}; img-src data:; base-uri 'none'; form-action 'none'"
# What a service sends with each part of the page.
SERVED_POLICY = _POLICY.format("script-src 'self'; style-src 'self'; connect-src 'self'") + "; frame-ancestors 'none'"


class Part(NamedTuple):
    """A part of the page that a service sends under its name."""

    content_type: str
    content: bytes


def whole_page(survey: bytes) -> Iterator[bytes]:
    """The page as one file, with a survey as JSON in it; it opens from the disk and asks no host for anything.

    Scripts and styles run because the page's own policy names their hashes; nothing else in it can run.
    """
    script, style = _script(), _text(*_STYLES)
    policy = _POLICY.format(f"script-src {_hash(script)}; style-src {_hash(style)}")
    before, after = _text("page.html").split(b"<!--parts-->")
    yield before
    yield b'<meta http-equiv="Content-Security-Policy" content="%b">\n' % policy.encode()
    yield b"<style>%b</style>\n" % style
    body, end = after.split(b"<!--data-->")
    yield body
    yield b'<script type="application/json" id="survey">'
    yield inert(survey)
    yield b"</script>\n<script>%b</script>\n" % script
    yield end


def served_parts() -> dict[str, Part]:
    """The page for a service, by name: "" is the page itself, beside which the others stand."""
    links = b'<link rel="stylesheet" href="reader.css">\n<script src="reader.js" defer></script>\n'
    page = _text("page.html").replace(b"<!--parts-->", links).replace(b"<!--data-->", b"")
    return {
        "": Part("text/html; charset=utf-8", page),
        "reader.css": Part("text/css; charset=utf-8", _text(*_STYLES)),
        "reader.js": Part("text/javascript; charset=utf-8", _script()),
    }


def inert(json: bytes) -> bytes:
    """JSON that means the same and can neither end the element that it stands in nor begin a comment there."""
    return json.replace(b"<", b"\\u003c")


@cache
def _script() -> bytes:
    """All scripts in one function, so that no name gets out."""
    return b'(() => {\n"use strict";\n%b})();\n' % _text(*_SCRIPTS)


def _text(*names: str) -> bytes:
    folder = files("asyncsynth.outputs").joinpath("reader")
    return b"\n".join(folder.joinpath(name).read_bytes() for name in names)


def _hash(content: bytes) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content).digest()).decode()}'"
