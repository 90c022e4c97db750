"""Texts that name environment variables, like "Basic ${GATEWAY_LOGIN}": the values are secrets, the text is none."""

from __future__ import annotations

import re
from collections.abc import Callable

_NAMED = r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}"
# Keys have long runs of letters with digits among them; the names of variables have words.
LIKE_A_KEY = r"(?=[A-Za-z]*[0-9])[A-Za-z0-9]{16}"


def checked_text(text: object, name: str) -> str:
    """A text that may name variables. Raises ValueError, which never shows the text: it may be a secret."""
    if not isinstance(text, str):
        raise ValueError(f'{name} must be a text, like "some value" or "${{NAME_OF_A_VARIABLE}}"')  # noqa: TRY004 - pydantic's
    bare = re.sub(_NAMED, "", text)
    if "${" in bare:
        raise ValueError(f"{name} has a ${{ that does not name a variable; write ${{NAME}}")
    if not bare.isascii() or not (bare + "x").isprintable():
        raise ValueError(f"{name} has characters that can't be sent")
    if re.search(LIKE_A_KEY, bare):
        raise ValueError(f'{name} looks like a key: put it into a variable, and write "${{NAME_OF_THE_VARIABLE}}" here')
    return text


def variables_in(text: str) -> list[str]:
    """The variables that `text` names."""
    return re.findall(_NAMED, text)


def filled(text: str, value_of: Callable[[str], str]) -> str:
    """`text` with the values of its variables."""
    return re.sub(_NAMED, lambda found: value_of(found[1]), text)
