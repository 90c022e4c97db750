"""What a body that is no JSON says to people: the title of a page, or its first words."""

from __future__ import annotations

import re

_TITLE = re.compile(r"<title[^>]*>([^<]{1,200})", re.IGNORECASE)
_UNSEEN = re.compile(r"<(script|style|head)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]*(?:>|\Z)")
_HTML_BEGINNINGS = (b"<!doctype html", b"<html", b"<head", b"<body", b"<!--", b"<title", b"<center", b"<h1")
_LOOKED_AT = 4096  # bytes of a page or of plain text
_FIRST_WORDS = 120  # characters


def is_html(content_type: str | None, body: bytes) -> bool:
    """Whether the reply is a page for people, by its type or by how it begins."""
    if content_type is not None and "html" in content_type.lower():
        return True
    return body[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_HTML_BEGINNINGS)


def plain_message(body: bytes) -> str:
    """The title of a page, the first words of one without, else the text itself."""
    text = body[:_LOOKED_AT].decode("utf-8", "replace").strip()
    if not text.startswith(("<", "\ufeff<")):
        return text
    if title := _TITLE.search(text):
        return f"a page titled {title[1].strip()!r}"
    words = " ".join(_TAG.sub(" ", _UNSEEN.sub(" ", text)).split())
    kind = "a page of HTML" if is_html(None, body) else "XML"
    return f"{kind} that says {words[:_FIRST_WORDS]!r}" if words else kind
