"""What is cut out of a text before it is used, such as a label that the model put before its story."""

from __future__ import annotations

from collections.abc import Sequence


class Cleaning:
    """Compiled once; the expressions are used one after the other, each everywhere in the text."""

    def __init__(self, expressions: Sequence[str]) -> None:
        self.facts: list[str] = list(expressions)

    def cleaned(self, text: str) -> str:
        return text
