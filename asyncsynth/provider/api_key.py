"""The API key: read from the environment or a private file, shown to nobody, scrubbed from all foreign text."""

from __future__ import annotations

import json
import os
import re
import stat
from base64 import b64encode
from pathlib import Path
from urllib.parse import quote

from asyncsynth.errors import UsageError
from asyncsynth.provider.variables import Variables

REDACTED = "[key]"
FILE_SUFFIX = "_FILE"  # OPENAI_API_KEY_FILE names a file that holds what OPENAI_API_KEY would
MAX_KEY_BYTES = 16_384
# As html.escape, whose module takes long to load.
_IN_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})
_ESCAPE = re.compile(r"\\+(?:u00([2-7][0-9A-Fa-f])|/)")  # of a character that a key can have


class ApiKey:
    """A key that no repr, str or format shows; `reveal()` is for the request's header alone."""

    __slots__ = ("_forms", "_key")

    def __init__(self, key: str) -> None:
        self._key = key
        # Longest first, so that no form is cut by a shorter one inside it.
        self._forms = tuple(sorted(_forms(key), key=len, reverse=True))

    def reveal(self) -> str:
        return self._key

    def scrub(self, text: str) -> str:
        r"""`text` with REDACTED in place of the key, also of its URL, JSON, HTML and base64 forms.

        JSON's escapes of single characters (`+` as `\u002B`, `/` as `\/`) are seen through, also in JSON within JSON.
        """
        for form in self._forms:
            if form in text:
                text = text.replace(form, REDACTED)
        if _ESCAPE.search(text) and self._hides_in(text):
            escaped = "|".join("".join(map(_escapes, form)) for form in self._forms)
            text = re.sub(escaped, REDACTED, text)
        return text

    def _hides_in(self, text: str) -> bool:
        """Whether a form is there once escapes are seen through; ten times as fast as to look for escaped ones."""
        plain = _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else "/", text)
        return any(form in plain for form in self._forms)

    def __repr__(self) -> str:
        return "ApiKey([key])"

    def __reduce__(self) -> str:
        raise TypeError("a key is not pickled: it would be on a disk")


def read_key(variable: str, variables: Variables, *, required: bool = True) -> ApiKey | None:
    """The key in the variable `variable`, else in the file that `<variable>_FILE` names.

    None where there is none and it is not `required` (loopback servers mostly want none).
    Raises UsageError where a required key is missing, and where one can't be used: unreadable, empty, readable by
    others, or with characters that no HTTP header takes.
    """
    file_variable = variable + FILE_SUFFIX
    if key := variables.get(variable):
        return ApiKey(_checked(key, variable))
    if (path := variables.path(file_variable)) is not None:
        return ApiKey(_checked(_private_text(path, file_variable), file_variable))
    if not required:
        return None
    raise UsageError(
        f"no API key: the environment variable {variable} is not set",
        hint=f"export {variable}=..., write it into {variables.file}, or set {file_variable} to the path of a file that"
        " only you can read (chmod 600); endpoint.api_key_env names another variable;"
        ' endpoint.auth = "none" sends no key',
    )


def _private_text(path: Path, variable: str) -> str:
    """The file's text; the rights are those of the opened file, so that nobody can swap it in between."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor, not a path
            facts = os.fstat(descriptor)
            if not stat.S_ISREG(facts.st_mode):
                raise UsageError(f"{variable}: {path} is not a regular file", hint="name a file that holds the key")
            if facts.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise UsageError(
                    f"{variable}: others can read {path} (mode {stat.S_IMODE(facts.st_mode):04o})",
                    hint=f"chmod 600 {path}, and consider making a new key",
                )
            raw = file.read(MAX_KEY_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"{variable}: can't read {path}: {error.strerror}", hint="name a file that holds the key"
        ) from error
    return raw.decode("utf-8", "replace").strip()


def _checked(key: str, source: str) -> str:
    if not key:
        raise UsageError(f"{source}: the key is empty", hint="put the key there, on one line")
    if len(key) > MAX_KEY_BYTES or any(not "!" <= character <= "~" for character in key):
        raise UsageError(
            f"{source}: not a key: it has blanks, line breaks or characters beyond ASCII",
            hint="put nothing but the key there, on one line",
        )
    return key


def _forms(key: str) -> set[str]:
    in_base64 = {b64encode(text.encode()).decode().rstrip("=") for text in (key, f"Bearer {key}", f":{key}")}
    in_json = json.dumps(key)[1:-1]
    return {key, quote(key, safe=""), quote(key), in_json, key.translate(_IN_HTML)} | in_base64


def _escapes(character: str) -> str:
    r"""What a character of a key may be in JSON, at any depth: itself, `\/`, `\u002f`, `\\u002F`."""
    plain = r"\\*/" if character == "/" else re.escape(character)
    return rf"(?:{plain}|\\+u00(?i:{ord(character):02x}))"
